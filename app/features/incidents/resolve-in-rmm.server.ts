import { withTenant } from "@db/client";
import {
  claimResolutions,
  listAlertsToResolve,
  recordResolution,
  requestResolution,
  type ClaimedResolution,
} from "@db/queries/incidents/resolutions";
import { audit } from "@db/queries/audit/audit";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import type { Actor } from "@domain/actor";
import { nextAttemptAt } from "@domain/back-off";
import { resolveAlert } from "~/features/alerts/resolve.server";
import { deliverDue } from "~/platform/outbox/deliver-due";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

/** Incidents at a time. The alerts of one are resolved one after the other, under the connection's own limits. */
const AT_ONCE = 2;
const CLAIM_MS = 5 * 60_000;
/** The most alerts of one attempt; the next attempt continues with the rest. */
const ALERTS_AN_ATTEMPT = 100;

/**
 * Requests that the active alerts of an incident are resolved in the RMM. Returns false if somebody has already
 * requested it.
 */
export const resolveIncidentInRmm = (
  deps: Pick<SyncDeps, "db" | "clock" | "nudge">,
  { tenantId, incidentId }: { tenantId: string; incidentId: string },
  actor: Actor,
): Promise<boolean> =>
  inTransaction(deps, tenantId, async (tx) => {
    const now = deps.clock();
    if (!(await requestResolution(tx, tenantId, { incidentId, actor }, now))) return false;
    const entry = { incidentId, kind: "person_rmm_resolution", actorUserId: actor.userId, actor: actor.name };
    await insertIncidentEntries(tx, tenantId, [entry], now);
    await audit(tx, tenantId, actor, {
      action: "incident.rmm_resolution_requested",
      targetType: "incident",
      targetId: incidentId,
    });
    return true;
  });

type Outcome =
  | { state: "done"; alerts: number }
  /** Further alerts of the incident are left to resolve. */
  | { state: "partly" }
  | { state: "later"; reason: string; afterMs: number | undefined }
  | { state: "refused"; reason: string };

/**
 * Resolves the requested incidents in the RMM. If the RMM refuses, gives up and notes why in the timeline; while the
 * RMM cannot be reached, retries for a day. An alert that is already resolved costs no call, so a repeated attempt does
 * no harm.
 * @returns how many attempts were made
 */
export const resolveDueIncidents = (deps: SyncDeps): Promise<number> =>
  deliverDue<ClaimedResolution, Outcome>({
    clock: deps.clock,
    log: deps.log,
    claim: (now, until, limit) => claimResolutions(deps.db, now, until, limit),
    claimMs: CLAIM_MS,
    atOnce: AT_ONCE,
    attempt: (resolution) => attempt(deps, resolution),
    failed: (reason) => ({ state: "later", reason, afterMs: undefined }),
    record: (resolution, outcome) => record(deps, resolution, outcome),
  });

async function attempt(
  deps: SyncDeps,
  { id, tenantId, actor, actorUserId }: ClaimedResolution,
): Promise<Outcome> {
  const alertIds = await withTenant(deps.db, tenantId, (tx) =>
    listAlertsToResolve(tx, tenantId, id, ALERTS_AN_ATTEMPT),
  );
  for (const alertId of alertIds) {
    const outcome = await resolveAlert(
      deps,
      { tenantId, alertId },
      { userId: actorUserId, name: actor, ip: null },
    );
    if (outcome.state === "disconnected") return { state: "refused", reason: "the connection is ended" };
    if (outcome.state !== "refused") continue;
    const { code, userMessage, isTransient, retryAfterMs } = outcome.error;
    const mayPass =
      isTransient || code === "rate_limited" || code === "unreachable" || code === "bad_response";
    return mayPass
      ? { state: "later", reason: userMessage, afterMs: retryAfterMs }
      : { state: "refused", reason: userMessage };
  }
  return alertIds.length < ALERTS_AN_ATTEMPT
    ? { state: "done", alerts: alertIds.length }
    : { state: "partly" };
}

const record = (deps: SyncDeps, resolution: ClaimedResolution, outcome: Outcome): Promise<void> =>
  inTransaction(deps, resolution.tenantId, async (tx) => {
    const now = deps.clock();
    const { id: incidentId, tenantId, attempts } = resolution;
    const next = outcome.state === "later" ? nextAttemptAt(attempts, now) : null;
    if (outcome.state === "partly")
      return recordResolution(tx, resolution, { state: "later", at: now, error: null });
    if (outcome.state === "later" && next !== null) {
      const asked = now.getTime() + (outcome.afterMs ?? 0);
      const at = new Date(Math.max(next.getTime(), asked));
      return recordResolution(tx, resolution, { state: "later", at, error: outcome.reason });
    }
    await recordResolution(tx, resolution, { state: "done" });
    const entry =
      outcome.state === "done"
        ? { kind: "rmm_resolved", details: { alerts: outcome.alerts } }
        : { kind: "rmm_not_resolved", details: { reason: outcome.reason } };
    await insertIncidentEntries(tx, tenantId, [{ incidentId, ...entry }], now);
  });
