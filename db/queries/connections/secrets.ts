import { and, eq, isNull, sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import type { Db, TenantDb } from "../../client";
import { tenantSecrets } from "../../schema";

export interface SealedSecret {
  keyId: string;
  sealed: string;
}

/** Stores a sealed secret under its name. Replaces an earlier one. */
export async function putSecret(
  tx: TenantDb,
  secret: {
    tenantId: string;
    connectionId: string | null;
    name: string;
    expiresAt?: Date | null;
  } & SealedSecret,
): Promise<void> {
  await tx
    .insert(tenantSecrets)
    .values(secret)
    .onConflictDoUpdate({
      target: [tenantSecrets.tenantId, tenantSecrets.connectionId, tenantSecrets.name],
      set: {
        keyId: secret.keyId,
        sealed: secret.sealed,
        expiresAt: secret.expiresAt ?? null,
        revealedAt: null,
        createdAt: sql`now()`,
      },
    });
}

const named = (tenantId: string, connectionId: string | null, name: string) =>
  and(
    eq(tenantSecrets.tenantId, tenantId),
    connectionId === null ? isNull(tenantSecrets.connectionId) : eq(tenantSecrets.connectionId, connectionId),
    eq(tenantSecrets.name, name),
  );

/**
 * A sealed secret, by its name.
 * @param connectionId null for a secret of the tenant
 */
export async function getSecret(
  tx: TenantDb,
  tenantId: string,
  connectionId: string | null,
  name: string,
): Promise<typeof tenantSecrets.$inferSelect | undefined> {
  const [row] = await tx
    .select()
    .from(tenantSecrets)
    .where(named(tenantId, connectionId, name));
  return row;
}

/** Records that a secret was shown. Returns false if it had been shown before. */
export async function markRevealed(
  tx: TenantDb,
  tenantId: string,
  connectionId: string | null,
  name: string,
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(tenantSecrets)
    .set({ revealedAt: now })
    .where(and(named(tenantId, connectionId, name), isNull(tenantSecrets.revealedAt)))
    .returning({ id: tenantSecrets.id });
  return rows.length > 0;
}

/** Deletes all secrets of a connection. */
export async function deleteSecrets(tx: TenantDb, tenantId: string, connectionId: string): Promise<void> {
  await tx
    .delete(tenantSecrets)
    .where(and(eq(tenantSecrets.tenantId, tenantId), eq(tenantSecrets.connectionId, connectionId)));
}

/**
 * Deletes a secret by its name.
 * @param connectionId null for a secret of the tenant
 */
export async function deleteSecret(
  tx: TenantDb,
  tenantId: string,
  connectionId: string | null,
  name: string,
): Promise<void> {
  await tx.delete(tenantSecrets).where(named(tenantId, connectionId, name));
}

/** All sealed secrets of all tenants, for sealing them under a new key. */
export async function listAllSecrets(db: Db) {
  const { id, tenantId, connectionId, name, keyId, sealed } = tenantSecrets;
  return db.select({ id, tenantId, connectionId, name, keyId, sealed }).from(tenantSecrets);
}

/** Replaces a sealed secret, unless another transaction has changed it meanwhile. */
export async function resealSecret(db: Db, id: string, before: string, after: SealedSecret): Promise<void> {
  await db
    .update(tenantSecrets)
    .set({ keyId: after.keyId, sealed: after.sealed })
    .where(and(eq(tenantSecrets.id, id), eq(tenantSecrets.sealed, before)));
}

/** Renames a secret and replaces the one that has the new name. Keeps a rotated secret valid until `expiresAt`. */
export async function renameSecret(
  tx: TenantDb,
  owner: ConnectionRef,
  names: { from: string; to: string },
  resealed: SealedSecret,
  expiresAt: Date,
): Promise<void> {
  await tx.delete(tenantSecrets).where(named(owner.tenantId, owner.connectionId, names.to));
  await tx
    .update(tenantSecrets)
    .set({ name: names.to, keyId: resealed.keyId, sealed: resealed.sealed, expiresAt })
    .where(named(owner.tenantId, owner.connectionId, names.from));
}
