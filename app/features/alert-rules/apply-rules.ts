import type { TenantDb } from "@db/client";
import {
  changeAsRuled,
  listRuledIncidents,
  type RuledChange,
  type RuledIncident,
} from "@db/queries/alert-rules/act";
import {
  countHitsSince,
  endTicketWait,
  insertHits,
  listHits,
  listRules,
  type RuleHit,
  type RuleRow,
} from "@db/queries/alert-rules/rules";
import { listSubjects, type IncidentSubject } from "@db/queries/incidents/device-alerts";
import { insertIncidentEntries, type IncidentEntryInsert } from "@db/queries/incidents/refresh";
import { requestResolution } from "@db/queries/incidents/resolutions";
import { getTimeZone } from "@db/queries/maintenance/windows";
import { insertEvents } from "@db/queries/outbox/events";
import { insertTicket } from "@db/queries/tickets/planning";
import { systemActor } from "@domain/actor";
import { MAX_HITS_AN_HOUR, matchingRules } from "@domain/alert-rules";
import { HOUR_MS } from "@domain/durations";
import { count } from "@domain/format";
import { severityRank } from "@domain/incident-state";
import { ruleMatchedMessage } from "@domain/rule-text";
import { notify, type Notice } from "~/platform/outbox/notify";

import { askForAutomation } from "./ask-for-automation";
import { stopRule } from "./stop-rule";

/**
 * Evaluates the rules for incidents and carries out their actions in the same transaction, each rule once per incident.
 * Call it in every pass for the incidents that the pass touched, so that a rule that matches only later, because of a
 * severity or a device, acts then.
 */
export async function applyRules(
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  let rules = (await listRules(tx, tenantId)).filter(({ isEnabled }) => isEnabled);
  if (rules.length === 0 || ids.length === 0) return;
  const incidents = await listRuledIncidents(tx, tenantId, ids);
  if (incidents.length === 0) return;
  const incidentIds = incidents.map(({ incidentId }) => incidentId);
  const subjects = new Map(
    (await listSubjects(tx, tenantId, incidentIds)).map((one) => [one.incidentId, one]),
  );
  const done = new Map((await listHits(tx, tenantId, incidentIds)).map((hit) => [keyOf(hit), hit]));
  const hitsOfHour = await countHitsSince(tx, tenantId, new Date(now.getTime() - HOUR_MS));
  const timeZone = await getTimeZone(tx, tenantId);
  const work: Work = { hits: [], changes: [], letters: [], entries: [] };
  for (const incident of incidents) {
    const subject = subjects.get(incident.incidentId);
    if (subject === undefined) continue;
    const asked = rules.filter(({ enabledAt }) => enabledAt.getTime() <= subject.openedMs);
    for (const rule of matchingRules(asked, subject, timeZone)) {
      const hit = done.get(keyOf({ ruleId: rule.id, incidentId: incident.incidentId }));
      if (hit !== undefined) {
        await openWaitingTicket(tx, tenantId, rule, incident, hit, now);
        continue;
      }
      const hits = hitsOfHour.get(rule.id) ?? 0;
      if (hits >= MAX_HITS_AN_HOUR) {
        rules = rules.filter(({ id }) => id !== rule.id);
        await stopRule(tx, tenantId, rule, systemActor("rules"), now);
        continue;
      }
      hitsOfHour.set(rule.id, hits + 1);
      await act(tx, tenantId, rule, incident, { subject, work, now });
    }
  }
  await changeAsRuled(tx, tenantId, work.changes);
  await insertHits(tx, tenantId, work.hits, now);
  await insertIncidentEntries(tx, tenantId, work.entries, now);
  await notify(tx, tenantId, work.letters, now);
}

/** What a pass writes at its end, for all incidents together. */
interface Work {
  hits: RuleHit[];
  changes: RuledChange[];
  letters: Notice[];
  entries: IncidentEntryInsert[];
}

const keyOf = ({ ruleId, incidentId }: Pick<RuleHit, "ruleId" | "incidentId">) => `${ruleId} ${incidentId}`;

async function act(
  tx: TenantDb,
  tenantId: string,
  { id: ruleId, name, actions, conditions }: RuleRow,
  incident: RuledIncident,
  { subject, work, now }: { subject: IncidentSubject; work: Work; now: Date },
): Promise<void> {
  const { incidentId, connectionId } = incident;
  const { severity, ownerId, ignoreHours, ticketSystemId, channelIds } = actions;
  if (severity !== null || ownerId !== null || ignoreHours !== null)
    work.changes.push({
      incidentId,
      severity,
      severityRank: severity === null ? null : severityRank(severity),
      ownerId,
      ignoredUntil: ignoreHours === null ? null : new Date(now.getTime() + ignoreHours * HOUR_MS),
    });
  const ticketWaits = ticketSystemId !== null && incident.ticketsSuppressed;
  if (ticketSystemId !== null && !ticketWaits)
    await insertTicket(tx, { tenantId, incidentId, systemId: ticketSystemId, requestedBy: null }, now);
  if (actions.automation?.connectionId === connectionId)
    work.entries.push(
      ...(await askForAutomation(tx, tenantId, { ruleId, name, conditions }, incident, subject, now)),
    );
  if (actions.resolvesInRmm)
    await requestResolution(tx, tenantId, { incidentId, actor: systemActor(`rule ${name}`) }, now);
  if (channelIds.length > 0)
    await insertEvents(
      tx,
      tenantId,
      [
        {
          name: "INCIDENT_UPDATED",
          connectionId,
          data: { tenantId, integrationId: connectionId, incidentId, change: "rule" },
          to: channelIds,
        },
      ],
      now,
    );
  if (actions.mails && !incident.noticesSuppressed) work.letters.push(letterOf(name, incident, subject));
  work.hits.push({ ruleId, incidentId, ticketWaits });
  work.entries.push({ incidentId, kind: "rule_matched", details: { rule: name } });
}

const letterOf = (
  rule: string,
  { incidentId, device, deviceCount, client, clientId, connectionId }: RuledIncident,
  { name, severity }: IncidentSubject,
): Notice => ({
  kind: "rule_matched",
  connectionId,
  path: `/alerts/incidents/${incidentId}`,
  about: [{ severity, clientId }],
  ...ruleMatchedMessage(rule, {
    name,
    severity,
    client,
    where: deviceCount === 1 ? (device ?? "unknown device") : count(deviceCount, "device"),
  }),
});

/** Opens a ticket that maintenance had delayed, once the maintenance has ended. */
async function openWaitingTicket(
  tx: TenantDb,
  tenantId: string,
  { id: ruleId, actions }: RuleRow,
  { incidentId, ticketsSuppressed }: RuledIncident,
  { ticketWaits }: RuleHit,
  now: Date,
): Promise<void> {
  if (!ticketWaits || ticketsSuppressed) return;
  if (actions.ticketSystemId !== null)
    await insertTicket(
      tx,
      { tenantId, incidentId, systemId: actions.ticketSystemId, requestedBy: null },
      now,
    );
  await endTicketWait(tx, tenantId, { ruleId, incidentId });
}
