import type { AuditAction } from "@domain/audit-actions";
import { randomBytes } from "node:crypto";

import { withTenant, type Db, type TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { lockIntegration } from "@db/queries/connections/connections";
import {
  deleteSecret,
  getSecret,
  listAllSecrets,
  markRevealed,
  putSecret,
  renameSecret,
  resealSecret,
} from "@db/queries/connections/secrets";
import type { Actor } from "@domain/actor";
import type { ConnectionRef } from "@domain/refs";
import { openUnlessLost, type UnopenableSecretError, type Vault } from "~/platform/vault";

interface SecretDeps {
  db: Db;
  clock: () => Date;
  vault: Vault;
}

export const WEBHOOK_SECRET = "webhook_secret";
export const PREVIOUS_WEBHOOK_SECRET = "webhook_secret_previous";
/** Milliseconds that the former secret stays valid after a rotation, so that people can change the senders. */
const OVERLAP_MS = 24 * 60 * 60_000;

/** A new webhook secret: 24 random bytes, in characters that no form or shell changes. */
const newWebhookSecret = (): string => randomBytes(24).toString("base64url");

export type RevealOutcome =
  | { state: "revealed"; secret: string }
  | { state: "already_revealed" }
  | { state: "none" }
  /** The secret cannot be decrypted; rotating makes a new one. */
  | { state: "lost"; error: UnopenableSecretError };

/** Reveals the webhook secret once. A person who needs it again has to rotate it. */
export async function revealWebhookSecret(
  deps: SecretDeps,
  owner: ConnectionRef,
  actor: Actor,
): Promise<RevealOutcome> {
  return withTenant(deps.db, owner.tenantId, async (tx): Promise<RevealOutcome> => {
    const sealed = await getSecret(tx, owner.tenantId, owner.connectionId, WEBHOOK_SECRET);
    if (sealed === undefined) return { state: "none" };
    const opened = openUnlessLost(deps.vault, sealed, { ...owner, name: WEBHOOK_SECRET });
    if (opened.state === "lost") return opened;
    const isFirst = await markRevealed(tx, owner.tenantId, owner.connectionId, WEBHOOK_SECRET, deps.clock());
    if (!isFirst) return { state: "already_revealed" };
    await auditSecret(tx, owner, actor, "webhook_secret.revealed");
    return { state: "revealed", secret: opened.plain };
  });
}

/**
 * Makes a new webhook secret, which can be revealed once. The former one stays valid for 24 hours, unless it cannot be
 * decrypted.
 * @returns until when the former secret is valid; null if there is none
 */
export async function rotateWebhookSecret(
  deps: SecretDeps,
  owner: ConnectionRef,
  actor: Actor,
): Promise<{ previousValidUntil: Date | null }> {
  return withTenant(deps.db, owner.tenantId, async (tx) => {
    // Locks the connection, because two rotations at once would store two secrets under one name.
    await lockIntegration(tx, owner.tenantId, owner.connectionId);
    const previousValidUntil = await retireWebhookSecret(tx, deps, owner);
    await makeWebhookSecret(tx, deps, owner);
    await auditSecret(tx, owner, actor, "webhook_secret.rotated");
    return { previousValidUntil };
  });
}

/** Keeps the current webhook secret as the former one. Returns until when; null if there is none. */
async function retireWebhookSecret(
  tx: TenantDb,
  { vault, clock }: SecretDeps,
  owner: ConnectionRef,
): Promise<Date | null> {
  const { tenantId, connectionId } = owner;
  const current = await getSecret(tx, tenantId, connectionId, WEBHOOK_SECRET);
  if (current === undefined) return null;
  const opened = openUnlessLost(vault, current, { ...owner, name: WEBHOOK_SECRET });
  if (opened.state === "lost") {
    await deleteSecret(tx, tenantId, connectionId, PREVIOUS_WEBHOOK_SECRET);
    return null;
  }
  const expiresAt = new Date(clock().getTime() + OVERLAP_MS);
  const resealed = vault.seal(opened.plain, { ...owner, name: PREVIOUS_WEBHOOK_SECRET });
  await renameSecret(tx, owner, { from: WEBHOOK_SECRET, to: PREVIOUS_WEBHOOK_SECRET }, resealed, expiresAt);
  return expiresAt;
}

async function makeWebhookSecret(
  tx: TenantDb,
  { vault }: Pick<SecretDeps, "vault">,
  owner: ConnectionRef,
): Promise<void> {
  const secretOwner = { ...owner, name: WEBHOOK_SECRET };
  await putSecret(tx, { ...secretOwner, ...vault.seal(newWebhookSecret(), secretOwner) });
}

/** Makes a webhook secret for a connection that has none, or none that can be decrypted. */
export async function ensureWebhookSecret(
  tx: TenantDb,
  deps: Pick<SecretDeps, "vault">,
  owner: ConnectionRef,
): Promise<void> {
  const { tenantId, connectionId } = owner;
  const stored = await getSecret(tx, tenantId, connectionId, WEBHOOK_SECRET);
  const secretOwner = { ...owner, name: WEBHOOK_SECRET };
  if (stored !== undefined && openUnlessLost(deps.vault, stored, secretOwner).state === "open") return;
  await deleteSecret(tx, tenantId, connectionId, PREVIOUS_WEBHOOK_SECRET);
  await makeWebhookSecret(tx, deps, owner);
}

const auditSecret = (tx: TenantDb, owner: ConnectionRef, actor: Actor, action: AuditAction) =>
  audit(tx, owner.tenantId, actor, { action, targetType: "integration", targetId: owner.connectionId });

/** The owner of a secret that cannot be decrypted. */
export interface LostSecret {
  tenantId: string;
  connectionId: string | null;
  name: string;
  reason: string;
}

export interface ResealOutcome {
  resealed: number;
  upToDate: number;
  lost: LostSecret[];
}

/**
 * Encrypts every secret of the installation with the newest key. Idempotent and safe to interrupt. Keeps and lists
 * those that cannot be decrypted.
 */
export async function resealAllSecrets({ db, vault }: SecretDeps): Promise<ResealOutcome> {
  const outcome: ResealOutcome = { resealed: 0, upToDate: 0, lost: [] };
  for (const { id, keyId, sealed, ...owner } of await listAllSecrets(db)) {
    const opened = openUnlessLost(vault, { keyId, sealed }, owner);
    if (opened.state === "lost") outcome.lost.push({ ...owner, reason: opened.error.userMessage });
    else if (keyId === vault.keyId) outcome.upToDate++;
    else {
      await resealSecret(db, id, sealed, vault.seal(opened.plain, owner));
      outcome.resealed++;
    }
  }
  return outcome;
}
