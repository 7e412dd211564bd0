import type { TenantDb } from "@db/client";
import { deleteSecret, getSecret, putSecret } from "@db/queries/connections/secrets";
import { openUnlessLost, type SecretOwner, type Vault } from "~/platform/vault";

/** A rule, and the connection whose trigger it uses. */
interface TokenRef {
  tenantId: string;
  connectionId: string;
  ruleId: string;
}

/**
 * The owner of the token. The token is stored with the connection's secrets, so that it is resealed and deleted with
 * them.
 */
const ownerOf = ({ tenantId, connectionId, ruleId }: TokenRef): SecretOwner & { connectionId: string } => ({
  tenantId,
  connectionId,
  name: `rule_automation:${ruleId}`,
});

/** Seals and stores the token of the trigger that a rule uses; replaces the former one. */
export async function storeToken(tx: TenantDb, vault: Vault, ref: TokenRef, token: string): Promise<void> {
  const owner = ownerOf(ref);
  await putSecret(tx, { ...owner, ...vault.seal(token, owner) });
}

export const forgetToken = (tx: TenantDb, ref: TokenRef): Promise<void> =>
  deleteSecret(tx, ref.tenantId, ref.connectionId, ownerOf(ref).name);

export async function hasToken(tx: TenantDb, ref: TokenRef): Promise<boolean> {
  return (await getSecret(tx, ref.tenantId, ref.connectionId, ownerOf(ref).name)) !== undefined;
}

/** Opens the token for a call. */
export async function openToken(
  tx: TenantDb,
  vault: Vault,
  ref: TokenRef,
): Promise<{ state: "open"; plain: string } | { state: "lost"; reason: string }> {
  const owner = ownerOf(ref);
  const sealed = await getSecret(tx, ref.tenantId, ref.connectionId, owner.name);
  if (sealed === undefined)
    return {
      state: "lost",
      reason: "the address of the trigger is not stored any more: enter it in the rule",
    };
  const opened = openUnlessLost(vault, sealed, owner);
  return opened.state === "open" ? opened : { state: "lost", reason: opened.error.userMessage };
}
