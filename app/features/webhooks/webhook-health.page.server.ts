import { withTenant, type Db, type TenantDb } from "@db/client";
import { wasReceivedBy } from "@db/queries/alerts/alert-polls";
import { getSecret } from "@db/queries/connections/secrets";
import { findLastComparison } from "@db/queries/sync-runs/past-runs";
import { listPreviousSecretUses, listUnreadable } from "@db/queries/webhooks/webhook-log";
import { listRejections } from "@db/queries/webhooks/webhook-senders";
import { DAY_MS } from "@domain/durations";
import type { WebhookAuthScheme } from "@domain/webhook-auth";
import { PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET } from "~/features/connections/secrets.server";

/** Deliveries of one kind that were not applied. */
interface WebhookTrouble {
  /** For a refusal, a `RejectionReason` (receive.ts); for an unreadable delivery, a sentence. */
  kind: "refused" | "unreadable";
  scheme: WebhookAuthScheme | "none";
  reason: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
}

/**
 * The state of a connection's webhook over the last day: refused deliveries (of the whole tenant, because their
 * connection is unknown), unreadable ones, uses of a former secret, and what the last comparison found missed. Seven
 * statements.
 */
export async function readWebhookHealth(db: Db, tenantId: string, connectionId: string, now: Date) {
  const dayAgo = new Date(now.getTime() - DAY_MS);
  return withTenant(db, tenantId, async (tx) => {
    const current = await getSecret(tx, tenantId, connectionId, WEBHOOK_SECRET);
    const previous = await getSecret(tx, tenantId, connectionId, PREVIOUS_WEBHOOK_SECRET);
    const rejections = await listRejections(tx, tenantId, dayAgo);
    const unreadable = await listUnreadable(tx, tenantId, connectionId, dayAgo);
    const uses = await listPreviousSecretUses(tx, tenantId, connectionId, current?.createdAt ?? dayAgo);
    const times = <T extends { firstMs: number; lastMs: number }>({ firstMs, lastMs, ...rest }: T) => ({
      ...rest,
      firstAt: new Date(firstMs),
      lastAt: new Date(lastMs),
    });
    const trouble: WebhookTrouble[] = [
      ...rejections.map((row) => ({ kind: "refused" as const, ...times(row) })),
      ...unreadable.map((row) => ({ kind: "unreadable" as const, ...times(row) })),
    ];
    const previousIsGood = previous?.expiresAt != null && previous.expiresAt > now;
    return {
      trouble,
      previousSecret: previousIsGood
        ? {
            until: previous.expiresAt,
            uses: uses.map(({ lastMs, ...use }) => ({ ...use, lastAt: new Date(lastMs) })),
          }
        : null,
      lastComparison: await readLastComparison(tx, tenantId, connectionId),
    };
  });
}

/** The last completed comparison of active alerts; null before the first. Two statements. */
async function readLastComparison(tx: TenantDb, tenantId: string, connectionId: string) {
  const comparison = await findLastComparison(tx, tenantId, connectionId);
  if (comparison === undefined) return null;
  const { startedAt, degraded, ...rest } = comparison;
  return {
    ...rest,
    wasReceiving: await wasReceivedBy(tx, tenantId, connectionId, startedAt),
    isPartial: degraded.length > 0,
  };
}

export type WebhookHealth = Awaited<ReturnType<typeof readWebhookHealth>>;
