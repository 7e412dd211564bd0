import { withTenant, type TenantDb } from "@db/client";
import {
  claimAutomationStarts,
  getStartPermission,
  recordAutomationStart,
  type ClaimedStart,
  type StartPermission,
} from "@db/queries/alert-rules/automation-starts";
import { audit } from "@db/queries/audit/audit";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { systemActor } from "@domain/actor";
import { afterAnswer, type AutomationAnswer } from "@domain/rule-automations";
import { automationNotStartedMessage } from "@domain/rule-text";
import { isRmmError } from "~/connectors/rmm-error";
import { callRmm } from "~/platform/call-rmm";
import { deliverDue } from "~/platform/outbox/deliver-due";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { notify } from "~/platform/outbox/notify";
import type { SyncDeps } from "~/platform/ports";
import type { Vault } from "~/platform/vault";

import { openToken } from "./automation-token.server";

/** Connections at a time; each call also waits for a slot under its connection's own limit. */
const AT_ONCE = 4;
/** Milliseconds that a claim lasts: longer than a call takes, so an expired claim is from a process that ended. */
const CLAIM_MS = 5 * 60_000;

type Deps = SyncDeps & { vault: Vault };

const LOST = "the server ended while the RMM was asked";

/**
 * Starts the automations that rules request, each at most once. The attempt is recorded before the call, and a call
 * without an outcome is not repeated but reported to people. Every call is audited.
 * @returns how many attempts were made
 */
export const startDueAutomations = (deps: Deps): Promise<number> =>
  deliverDue<ClaimedStart, AutomationAnswer>({
    clock: deps.clock,
    log: deps.log,
    claim: (now, until, limit) => claimAutomationStarts(deps.db, now, until, limit),
    claimMs: CLAIM_MS,
    atOnce: AT_ONCE,
    attempt: (start) =>
      start.wasAttempted ? Promise.resolve({ state: "unknown", reason: LOST }) : attempt(deps, start),
    failed: (reason) => ({ state: "unknown", reason }),
    record: (start, answer) => record(deps, start, answer),
  });

const refused = (reason: string): AutomationAnswer => ({ state: "refused", reason });

async function attempt(deps: Deps, start: ClaimedStart): Promise<AutomationAnswer> {
  const { tenantId, connectionId, ruleId } = start;
  const permission = await withTenant(deps.db, tenantId, (tx) => getStartPermission(tx, start));
  if (permission === undefined) return refused("the rule or the incident is gone");
  const { automation, isConnected, isAllowed, isOpen } = permission;
  if (!isConnected) return refused("the connection is ended");
  if (!isAllowed) return refused("the connection does not let rules start automations");
  if (automation?.connectionId !== connectionId) return refused("the rule starts no automation any more");
  if (!isOpen) return refused("the incident was over before it could be started");
  const token = await withTenant(deps.db, tenantId, (tx) =>
    openToken(tx, deps.vault, { tenantId, connectionId, ruleId }),
  );
  if (token.state === "lost") return refused(token.reason);
  try {
    const trigger = { token: token.plain, sendsKey: automation.sendsKey };
    return await callRmm(deps, { tenantId, connectionId, provider: "levelio" }, (provider) =>
      provider.startAutomation(trigger, start.deviceIds),
    );
  } catch (error) {
    if (isRmmError(error)) return refused(error.userMessage);
    throw error;
  }
}

const record = (deps: Deps, start: ClaimedStart, answer: AutomationAnswer): Promise<void> =>
  inTransaction(deps, start.tenantId, async (tx) => {
    const now = deps.clock();
    const next = afterAnswer(answer, { requestedAt: new Date(start.requestedMs), now });
    const permission = await getStartPermission(tx, start);
    if (permission === undefined) return auditCall(tx, start, "a deleted rule", answer);
    if (next.state === "again") {
      if (!(await recordAutomationStart(tx, start, { state: "pending", at: next.at }))) return;
      return auditCall(tx, start, `rule ${permission.rule}`, answer);
    }
    if (!(await recordAutomationStart(tx, start, next.as))) return;
    await auditCall(tx, start, `rule ${permission.rule}`, next.as);
    await tell(tx, start, permission, next.as, now);
  });

const auditCall = (
  tx: TenantDb,
  { tenantId, incidentId, deviceIds }: ClaimedStart,
  actor: string,
  answer: AutomationAnswer,
): Promise<void> =>
  audit(tx, tenantId, systemActor(actor), {
    action: "incident.automation_attempted",
    targetType: "incident",
    targetId: incidentId,
    details: {
      outcome: answer.state,
      devices: deviceIds.length,
      ...(answer.state === "started" ? {} : { reason: answer.reason }),
    },
  });

/** Writes the outcome into the timeline; a failure also notifies people. */
async function tell(
  tx: TenantDb,
  { tenantId, incidentId, connectionId, deviceIds }: ClaimedStart,
  { rule, incident, severity, clientId }: StartPermission,
  answer: Exclude<AutomationAnswer, { state: "later" }>,
  now: Date,
): Promise<void> {
  const isStarted = answer.state === "started";
  const details = { rule, ...(isStarted ? { devices: deviceIds.length } : { reason: answer.reason }) };
  await insertIncidentEntries(
    tx,
    tenantId,
    [{ incidentId, kind: `automation_${answer.state}`, details }],
    now,
  );
  if (isStarted) return;
  const notice = {
    kind: "automation_not_started" as const,
    connectionId,
    path: `/alerts/incidents/${incidentId}`,
    about: [{ severity, clientId }],
    ...automationNotStartedMessage(rule, incident, answer),
  };
  await notify(tx, tenantId, [notice], now);
}
