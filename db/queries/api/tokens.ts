import { and, desc, eq, gt, isNull, ne, sql } from "drizzle-orm";

import type { Db, TenantDb } from "../../client";
import { apiTokens, tenants, users } from "../../schema";
import { overridesOfTenant } from "../operations/feature-flags";

export type NewApiToken = typeof apiTokens.$inferInsert;

/**
 * The token with a hash, its owner and its tenant; null if it is unknown, revoked or expired, or its owner is disabled.
 * Takes no tenant, because an API request's tenant follows from its token.
 */
export async function findLiveApiToken(db: Db, tokenHash: string, now: Date) {
  const [row] = await db
    .select({
      token: {
        id: apiTokens.id,
        kind: apiTokens.kind,
        name: apiTokens.name,
        scopes: apiTokens.scopes,
        expiresAt: apiTokens.expiresAt,
        lastUsedAt: apiTokens.lastUsedAt,
      },
      user: { id: users.id, email: users.email, name: users.name, role: users.role },
      tenant: { id: tenants.id, slug: tenants.slug, name: tenants.name, mcpEnabled: tenants.mcpEnabled },
      flagOverrides: overridesOfTenant,
    })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .innerJoin(tenants, eq(tenants.id, apiTokens.tenantId))
    .where(
      and(
        eq(apiTokens.tokenHash, tokenHash),
        isNull(apiTokens.revokedAt),
        gt(apiTokens.expiresAt, now),
        isNull(users.disabledAt),
      ),
    );
  return row ?? null;
}

/** Records when and from where a token was used. */
export async function touchApiToken(
  db: Db,
  id: string,
  used: { at: Date; ip: string | null },
): Promise<void> {
  await db.update(apiTokens).set({ lastUsedAt: used.at, lastUsedIp: used.ip }).where(eq(apiTokens.id, id));
}

/**
 * Stores a token by its hash.
 * @returns its id
 */
export async function insertApiToken(tx: TenantDb, token: NewApiToken): Promise<{ id: string }> {
  const [row] = await tx.insert(apiTokens).values(token).returning({ id: apiTokens.id });
  return row!;
}

/** Tokens that are not revoked, newest first: those of one person, or, without `userId`, of all. */
export async function listApiTokens(tx: TenantDb, tenantId: string, userId: string | undefined) {
  return tx
    .select({
      id: apiTokens.id,
      kind: apiTokens.kind,
      name: apiTokens.name,
      scopes: apiTokens.scopes,
      hint: apiTokens.hint,
      createdAt: apiTokens.createdAt,
      expiresAt: apiTokens.expiresAt,
      lastUsedAt: apiTokens.lastUsedAt,
      lastUsedIp: apiTokens.lastUsedIp,
      owner: { id: users.id, email: users.email },
    })
    .from(apiTokens)
    .innerJoin(users, eq(users.id, apiTokens.userId))
    .where(
      and(
        eq(apiTokens.tenantId, tenantId),
        isNull(apiTokens.revokedAt),
        userId === undefined ? undefined : eq(apiTokens.userId, userId),
      ),
    )
    .orderBy(desc(apiTokens.id));
}

/**
 * Revokes a token; with `userId`, only if it belongs to that person. Returns its name; null if there is no such token.
 */
export async function revokeApiToken(
  tx: TenantDb,
  tenantId: string,
  id: string,
  { userId, at }: { userId: string | undefined; at: Date },
): Promise<{ name: string; kind: string } | null> {
  const [row] = await tx
    .update(apiTokens)
    .set({ revokedAt: at })
    .where(
      and(
        eq(apiTokens.tenantId, tenantId),
        eq(apiTokens.id, id),
        isNull(apiTokens.revokedAt),
        userId === undefined ? undefined : eq(apiTokens.userId, userId),
      ),
    )
    .returning({ name: apiTokens.name, kind: apiTokens.kind });
  return row ?? null;
}

/** How many tokens of a person are neither revoked nor expired. */
export async function countLiveApiTokens(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  now: Date,
): Promise<number> {
  const [row] = await tx
    .select({ tokens: sql<number>`count(*)::int` })
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.tenantId, tenantId),
        eq(apiTokens.userId, userId),
        isNull(apiTokens.revokedAt),
        gt(apiTokens.expiresAt, now),
      ),
    );
  return row?.tokens ?? 0;
}

/** Whether the tenant's API tokens may call tools over MCP. */
export async function isMcpEnabled(tx: TenantDb, tenantId: string): Promise<boolean> {
  const [row] = await tx
    .select({ isEnabled: tenants.mcpEnabled })
    .from(tenants)
    .where(eq(tenants.id, tenantId));
  return row?.isEnabled ?? false;
}

/**
 * Sets whether the tenant's API tokens may call tools over MCP.
 * @returns whether the setting changed
 */
export async function setMcpEnabled(tx: TenantDb, tenantId: string, isEnabled: boolean): Promise<boolean> {
  const rows = await tx
    .update(tenants)
    .set({ mcpEnabled: isEnabled })
    .where(and(eq(tenants.id, tenantId), ne(tenants.mcpEnabled, isEnabled)))
    .returning({ id: tenants.id });
  return rows.length > 0;
}
