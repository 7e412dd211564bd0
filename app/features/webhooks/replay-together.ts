import type { TenantDb } from "@db/client";
import { listIntegrations } from "@db/queries/connections/connections";
import {
  updateReplayed,
  type DeliveryRow,
  type ReplayedDelivery,
} from "@db/queries/webhooks/webhook-deliveries";
import { getDeliveries } from "@db/queries/webhooks/webhook-log";
import { retryConflict } from "@db/retry-conflict";
import type { ReadWebhook, WebhookReader } from "~/connectors/rmm-webhook";
import { emit } from "~/platform/outbox/emit";

import {
  applyAlerts,
  consequencesOf,
  isAlertEvent,
  whyIgnored,
  type AlertEvent,
  type AppliedEvent,
} from "./apply-event";
import type { WebhookDeps } from "./senders";
import { inTransaction } from "~/platform/outbox/in-transaction";

export type ReplayOutcome =
  | { state: "replayed"; outcome: "accepted" | "stale" | "ignored" }
  | { state: "unreadable"; reason: string }
  /** The delivery's body was too long to be stored completely. */
  | { state: "not_kept" }
  | { state: "disconnected" }
  | { state: "unknown_delivery" };

/** A stored delivery, read again. */
type Found =
  | { state: "read"; row: KeptRow; read: ReadWebhook }
  | Extract<ReplayOutcome, { state: "not_kept" | "disconnected" | "unknown_delivery" }>;

type KeptRow = DeliveryRow & { connectionId: string; body: string };

/**
 * Replays deliveries in one transaction in the given order, with as many statements for one as for a hundred.
 * @returns the outcome of each, in that order
 */
export async function replayTogether(
  deps: WebhookDeps,
  reader: WebhookReader,
  tenantId: string,
  ids: string[],
): Promise<ReplayOutcome[]> {
  const now = deps.clock();
  return retryConflict(() =>
    inTransaction(deps, tenantId, async (tx) => {
      const rows = new Map((await getDeliveries(tx, tenantId, ids)).map((row) => [row.id, row]));
      const connected = (await listIntegrations(tx, tenantId))
        .filter(({ status }) => status !== "disconnected")
        .map(({ id }) => id);
      const found = ids.map((id) => find(rows.get(id), new Set(connected), reader));
      const replayed = await applyFound(tx, tenantId, found, now);
      await updateReplayed(tx, tenantId, [...replayed.values()], now);
      return found.map((one): ReplayOutcome => {
        if (one.state !== "read") return one;
        const { outcome, reason } = replayed.get(one.row.id)!;
        return outcome === "unreadable"
          ? { state: "unreadable", reason: reason ?? "" }
          : { state: "replayed", outcome };
      });
    }),
  );
}

function find(row: DeliveryRow | undefined, connected: Set<string>, reader: WebhookReader): Found {
  if (row === undefined || row.connectionId === null) return { state: "unknown_delivery" };
  if (row.body === null || row.bodyIsCut) return { state: "not_kept" };
  if (!connected.has(row.connectionId)) return { state: "disconnected" };
  const read = reader.read(row.scheme, new TextEncoder().encode(row.body), row.receivedAt);
  return { state: "read", row: row as KeptRow, read };
}

/**
 * Applies the deliveries that could be read, and emits what follows from them.
 * @returns what to write for each, by its id
 */
async function applyFound(
  tx: TenantDb,
  tenantId: string,
  found: Found[],
  now: Date,
): Promise<Map<string, ReplayedDelivery>> {
  const readable = found.flatMap((one) =>
    one.state === "read" && one.read.state === "read" ? [{ row: one.row, ...one.read }] : [],
  );
  const applied = new Map<string, AppliedEvent>();
  for (const connectionId of new Set(readable.map(({ row }) => row.connectionId))) {
    const alerts = readable.filter(
      (one): one is typeof one & { event: AlertEvent } =>
        one.row.connectionId === connectionId && isAlertEvent(one.event),
    );
    if (alerts.length === 0) continue;
    const results = await applyAlerts(
      tx,
      { tenantId, connectionId, now },
      alerts.map(({ row, event }) => ({
        event,
        reported: { scheme: row.scheme, receivedAt: row.receivedAt },
      })),
    );
    alerts.forEach(({ row }, index) => applied.set(row.id, results[index]!));
  }
  const events = readable.flatMap(({ row, event }) =>
    consequencesOf({ tenantId, connectionId: row.connectionId }, row.id, event),
  );
  if (events.length > 0) await emit(tx, events, now);
  const written = found.flatMap((one) =>
    one.state === "read" ? [writtenOf(one, applied.get(one.row.id))] : [],
  );
  return new Map(written.map((one) => [one.id, one]));
}

function writtenOf(
  { row, read }: Extract<Found, { state: "read" }>,
  applied: AppliedEvent | undefined,
): ReplayedDelivery {
  const { id, eventType, externalDeviceId, isRepaired, alertId, assetId } = row;
  if (read.state === "unreadable") {
    const { reason } = read;
    return { id, eventType, externalDeviceId, isRepaired, alertId, assetId, outcome: "unreadable", reason };
  }
  const { event } = read;
  const isUnknown = event.message.kind === "unknown";
  return {
    id,
    eventType: event.type,
    externalDeviceId: event.externalDeviceId,
    isRepaired: read.isRepaired,
    outcome: applied?.outcome ?? (isUnknown ? "ignored" : "accepted"),
    reason: applied === undefined ? (isUnknown ? whyIgnored(event) : null) : applied.reason,
    alertId,
    assetId,
    ...applied?.alert,
  };
}
