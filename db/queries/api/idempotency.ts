import { and, eq, sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../../client";
import { apiIdempotencyKeys } from "../../schema";

export interface IdempotentRequest {
  tenantId: string;
  tokenId: string;
  keyHash: string;
  requestHash: string;
}

export type Claim =
  | { state: "claimed" }
  /** The same request has been answered before. */
  | { state: "answered"; status: number; body: string }
  | { state: "in_progress" }
  /** The key belongs to another request. */
  | { state: "other_request" };

/**
 * Claims a key for a request. Takes over a claim that has had no answer for `staleMs` milliseconds, because its process
 * ended.
 */
export async function claimIdempotencyKey(
  tx: TenantDb,
  request: IdempotentRequest,
  { now, staleMs }: { now: Date; staleMs: number },
): Promise<Claim> {
  const [claimed] = await tx
    .insert(apiIdempotencyKeys)
    .values({ ...request, createdAt: now })
    .onConflictDoUpdate({
      target: [apiIdempotencyKeys.tenantId, apiIdempotencyKeys.tokenId, apiIdempotencyKeys.keyHash],
      set: { createdAt: now },
      setWhere: sql`${apiIdempotencyKeys.status} is null and ${apiIdempotencyKeys.requestHash} = ${request.requestHash}
        and ${apiIdempotencyKeys.createdAt} < ${new Date(now.getTime() - staleMs).toISOString()}`,
    })
    .returning({ id: apiIdempotencyKeys.id });
  if (claimed !== undefined) return { state: "claimed" };
  const [known] = await tx.select().from(apiIdempotencyKeys).where(keyOf(request));
  // A request that failed removed the claim between the two statements; treat the key as still claimed.
  if (known === undefined) return { state: "in_progress" };
  if (known.requestHash !== request.requestHash) return { state: "other_request" };
  if (known.status === null) return { state: "in_progress" };
  return { state: "answered", status: known.status, body: known.body ?? "null" };
}

/** Stores the answer to a claimed request. */
export async function keepAnswer(
  tx: TenantDb,
  request: IdempotentRequest,
  answer: { status: number; body: string },
): Promise<void> {
  await tx.update(apiIdempotencyKeys).set({ status: answer.status, body: answer.body }).where(keyOf(request));
}

/** Releases a key after a fault, so that the caller may repeat the request. */
export async function releaseIdempotencyKey(tx: TenantDb, request: IdempotentRequest): Promise<void> {
  await tx.delete(apiIdempotencyKeys).where(and(keyOf(request), sql`${apiIdempotencyKeys.status} is null`));
}

/** Deletes keys that were claimed before an instant, of all tenants, at most `limit`. Returns how many. */
export async function pruneIdempotencyKeys(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select id from api_idempotency_keys where created_at < ${before.toISOString()} order by created_at, id
          limit ${limit} offset ${skip}
        ),
        gone as (delete from api_idempotency_keys where id in (select id from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}

const keyOf = ({ tenantId, tokenId, keyHash }: IdempotentRequest) =>
  and(
    eq(apiIdempotencyKeys.tenantId, tenantId),
    eq(apiIdempotencyKeys.tokenId, tokenId),
    eq(apiIdempotencyKeys.keyHash, keyHash),
  );
