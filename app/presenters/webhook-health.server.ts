import { and, desc, eq, isNotNull } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";
import { getSecret } from "@db/queries/secrets";
import { listPreviousSecretUses, listUnreadable } from "@db/queries/webhook-log";
import { listRejections } from "@db/queries/webhook-senders";
import { rmmSyncRuns } from "@db/schema";
import { PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET } from "~/sync/secrets";

const DAY_MS = 24 * 60 * 60_000;

/** Deliveries of one kind that came to nothing. */
export interface WebhookTrouble {
  /** For a refusal, one of `rejectionReasons`; for what could not be read, a sentence. */
  kind: "refused" | "unreadable";
  way: "signed" | "automation" | "none";
  reason: string;
  count: number;
  firstAt: Date;
  lastAt: Date;
}

/**
 * How the webhook of a connection has fared for a day: what was refused (for the whole tenant: whose it was to be, nobody
 * can know) or could not be read, what still uses a former secret, and what the last comparison found untold.
 * Six statements.
 */
export async function readWebhookHealth(db: Db, tenantId: string, integrationId: string, now: Date) {
  const dayAgo = new Date(now.getTime() - DAY_MS);
  return withTenant(db, tenantId, async (tx) => {
    const current = await getSecret(tx, tenantId, integrationId, WEBHOOK_SECRET);
    const previous = await getSecret(tx, tenantId, integrationId, PREVIOUS_WEBHOOK_SECRET);
    const rejections = await listRejections(tx, tenantId, dayAgo);
    const unreadable = await listUnreadable(tx, tenantId, integrationId, dayAgo);
    const uses = await listPreviousSecretUses(tx, tenantId, integrationId, current?.createdAt ?? dayAgo);
    const [comparison] = await tx
      .select({ runId: rmmSyncRuns.id, endedAt: rmmSyncRuns.endedAt, untold: rmmSyncRuns.itemsUntold })
      .from(rmmSyncRuns)
      .where(
        and(
          eq(rmmSyncRuns.tenantId, tenantId),
          eq(rmmSyncRuns.integrationId, integrationId),
          eq(rmmSyncRuns.type, "alerts"),
          isNotNull(rmmSyncRuns.itemsUntold),
          isNotNull(rmmSyncRuns.endedAt),
        ),
      )
      .orderBy(desc(rmmSyncRuns.requestedAt))
      .limit(1);
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
      lastComparison: comparison ?? null,
    };
  });
}

export type WebhookHealth = Awaited<ReturnType<typeof readWebhookHealth>>;
