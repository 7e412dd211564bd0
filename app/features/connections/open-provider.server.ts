import { withTenant, type Db } from "@db/client";
import { getSecret } from "@db/queries/connections/secrets";
import type { LevelClientOptions } from "~/connectors/levelio/client.server";
import { createLevelProvider } from "~/connectors/levelio/provider.server";
import { RmmError } from "~/connectors/rmm-error";
import { noRequests, type RequestStats, type RmmProvider } from "~/connectors/rmm-provider";
import { proxiedFetch } from "~/platform/outgoing/proxied-fetch";
import type { ProviderRef } from "~/platform/ports";
import { openUnlessLost, type SecretOwner, type Vault } from "~/platform/vault";

const API_KEY_SECRET = "api_key";

/** Options for calls to the RMM; options that are left out have their defaults. */
export type CallOptions = Partial<
  Pick<LevelClientOptions, "fetch" | "sleep" | "now" | "maxWaitMs" | "maxBodyBytes" | "slots">
>;

/**
 * Opens the RMM of a connection with its stored key.
 * @throws RmmError `invalid_api_key` if there is none, `sealed_key` if it cannot be decrypted
 */
export async function openProvider(
  options: { db: Db; vault: Vault; baseUrl: string } & CallOptions,
  { tenantId, connectionId }: ProviderRef,
  stats: RequestStats,
): Promise<RmmProvider> {
  const { db, vault, ...calls } = options;
  const sealed = await withTenant(db, tenantId, (tx) =>
    getSecret(tx, tenantId, connectionId, API_KEY_SECRET),
  );
  if (sealed === undefined) {
    throw new RmmError({
      code: "invalid_api_key",
      message: `integration ${connectionId} has no API key`,
      userMessage: "No API key is stored for this connection.",
      hint: "Enter an API key of the Level account in the settings.",
    });
  }
  const apiKey = unseal(vault, sealed, { tenantId, connectionId, name: API_KEY_SECRET });
  return createLevelProvider({ ...calls, apiKey, stats });
}

function unseal(vault: Vault, sealed: Parameters<Vault["open"]>[0], owner: SecretOwner): string {
  const opened = openUnlessLost(vault, sealed, owner);
  if (opened.state === "open") return opened.plain;
  const { message, userMessage, hint } = opened.error;
  throw new RmmError({ code: "sealed_key", message, userMessage, hint, cause: opened.error });
}

/** Opens the RMM with a key that is not stored yet, with short timeouts for a test. */
export function tryKey(apiKey: string, baseUrl: string): RmmProvider {
  return createLevelProvider({
    apiKey,
    baseUrl,
    stats: noRequests(),
    maxWaitMs: 2_000,
    fetch: proxiedFetch,
  });
}
