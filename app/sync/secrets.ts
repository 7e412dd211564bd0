import { randomBytes } from "node:crypto";

import { withTenant, type Db, type TenantDb } from "@db/client";
import { recordAudit } from "@db/queries/audit";
import {
  getSecret,
  listAllSecrets,
  markRevealed,
  putSecret,
  renameSecret,
  resealSecret,
} from "@db/queries/secrets";

import type { Actor } from "./connect";

export interface SecretOwner {
  tenantId: string;
  integrationId: string | null;
  name: string;
}

/** Seals and opens: bound to the installation's key by the composition root. */
export interface Vault {
  keyId: string;
  seal(plain: string, owner: SecretOwner): { keyId: string; sealed: string };
  open(secret: { keyId: string; sealed: string }, owner: SecretOwner): string;
}

interface SecretDeps {
  db: Db;
  clock: () => Date;
  vault: Vault;
}

interface IntegrationOwner {
  tenantId: string;
  integrationId: string;
}

export const WEBHOOK_SECRET = "webhook_secret";
export const PREVIOUS_WEBHOOK_SECRET = "webhook_secret_previous";
/** After a rotation the former secret is good for another day: time to change the senders. */
const OVERLAP_MS = 24 * 60 * 60_000;

/** A new webhook secret: 24 random bytes, without characters that a form or a shell would change. */
export const newWebhookSecret = (): string => randomBytes(24).toString("base64url");

export type RevealOutcome =
  { state: "revealed"; secret: string } | { state: "already_revealed" } | { state: "none" };

/** Shows the webhook secret, once: whoever needs it again rotates it. */
export async function revealWebhookSecret(
  deps: SecretDeps,
  owner: IntegrationOwner,
  actor: Actor,
): Promise<RevealOutcome> {
  return withTenant(deps.db, owner.tenantId, async (tx): Promise<RevealOutcome> => {
    const sealed = await getSecret(tx, owner.tenantId, owner.integrationId, WEBHOOK_SECRET);
    if (sealed === undefined) return { state: "none" };
    const isFirst = await markRevealed(tx, owner.tenantId, owner.integrationId, WEBHOOK_SECRET, deps.clock());
    if (!isFirst) return { state: "already_revealed" };
    await audit(tx, owner, actor, "webhook_secret.revealed");
    return { state: "revealed", secret: deps.vault.open(sealed, { ...owner, name: WEBHOOK_SECRET }) };
  });
}

/** Makes a new webhook secret. The former one stays good for 24 hours. The new one can be revealed once. */
export async function rotateWebhookSecret(
  deps: SecretDeps,
  owner: IntegrationOwner,
  actor: Actor,
): Promise<{ previousValidUntil: Date }> {
  const expiresAt = new Date(deps.clock().getTime() + OVERLAP_MS);
  await withTenant(deps.db, owner.tenantId, async (tx) => {
    const current = await getSecret(tx, owner.tenantId, owner.integrationId, WEBHOOK_SECRET);
    if (current !== undefined) {
      const plain = deps.vault.open(current, { ...owner, name: WEBHOOK_SECRET });
      const resealed = deps.vault.seal(plain, { ...owner, name: PREVIOUS_WEBHOOK_SECRET });
      await renameSecret(
        tx,
        owner,
        { from: WEBHOOK_SECRET, to: PREVIOUS_WEBHOOK_SECRET },
        resealed,
        expiresAt,
      );
    }
    const secretOwner = { ...owner, name: WEBHOOK_SECRET };
    await putSecret(tx, { ...secretOwner, ...deps.vault.seal(newWebhookSecret(), secretOwner) });
    await audit(tx, owner, actor, "webhook_secret.rotated");
  });
  return { previousValidUntil: expiresAt };
}

const audit = (tx: TenantDb, owner: IntegrationOwner, actor: Actor, action: string) =>
  recordAudit(tx, {
    tenantId: owner.tenantId,
    actorUserId: actor.userId,
    actor: actor.name,
    ip: actor.ip,
    action,
    targetType: "integration",
    targetId: owner.integrationId,
  });

/** Seals every secret of the installation under the newest key. Safe to repeat and to interrupt. */
export async function resealAllSecrets(deps: SecretDeps): Promise<{ resealed: number; upToDate: number }> {
  let resealed = 0;
  let upToDate = 0;
  for (const { id, keyId, sealed, ...owner } of await listAllSecrets(deps.db)) {
    if (keyId === deps.vault.keyId) {
      upToDate++;
      continue;
    }
    await resealSecret(
      deps.db,
      id,
      sealed,
      deps.vault.seal(deps.vault.open({ keyId, sealed }, owner), owner),
    );
    resealed++;
  }
  return { resealed, upToDate };
}
