import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import type { RuledIncident } from "@db/queries/alert-rules/act";
import { insertAutomationStart, listDeviceIdsOfIncident } from "@db/queries/alert-rules/automation-starts";
import type { IncidentSubject } from "@db/queries/incidents/device-alerts";
import type { IncidentEntryInsert } from "@db/queries/incidents/refresh";
import { meets, type AlertConditions } from "@domain/alert-conditions";
import { MAX_AUTOMATION_DEVICES } from "@domain/rule-automations";

/**
 * Requests the start of a rule's automation on those devices of an incident that meet the rule's conditions. If the
 * automation must not start, the timeline says why, and there is no second attempt, because a rule acts on an incident
 * once.
 * @returns the timeline entries to write
 */
export async function askForAutomation(
  tx: TenantDb,
  tenantId: string,
  rule: { ruleId: string; name: string; conditions: AlertConditions },
  { incidentId, connectionId, ...incident }: RuledIncident,
  subject: IncidentSubject,
  now: Date,
): Promise<IncidentEntryInsert[]> {
  const { ruleId, name } = rule;
  const not = (reason: string): IncidentEntryInsert[] => [
    { incidentId, kind: "automation_refused", details: { rule: name, reason } },
  ];
  if (!incident.mayStartAutomations) return not("the connection does not let rules start automations");
  if (incident.noticesSuppressed || incident.ticketsSuppressed) return not("maintenance is under way");
  const assetIds = subject.devices
    .filter((device) => meets(rule.conditions, subject, device))
    .map(({ assetId }) => assetId);
  const deviceIds = await listDeviceIdsOfIncident(
    tx,
    tenantId,
    incidentId,
    assetIds,
    MAX_AUTOMATION_DEVICES + 1,
  );
  if (deviceIds.length === 0) return not("the RMM named no device with an active alert");
  if (deviceIds.length > MAX_AUTOMATION_DEVICES)
    return not(`it is about more than ${MAX_AUTOMATION_DEVICES} devices`);
  await insertAutomationStart(
    tx,
    tenantId,
    { id: uuidv7(), connectionId, ruleId, incidentId, deviceIds },
    now,
  );
  return [];
}
