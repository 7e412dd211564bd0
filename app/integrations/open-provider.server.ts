import { withTenant, type Db } from "@db/client";
import { getSecret } from "@db/queries/secrets";

import type { IntegrationRef } from "~/sync/ports";
import type { Vault } from "~/sync/secrets";

import { createLevelProvider } from "./levelio/provider.server";
import { RmmError } from "./rmm-error";
import type { RequestStats, RmmProvider } from "./rmm-provider";

export const API_KEY_SECRET = "api_key";

/** Opens the RMM of an integration with its stored key. @throws RmmError `invalid_api_key` when there is none */
export async function openProvider(
  options: { db: Db; vault: Vault; baseUrl: string; fetch?: typeof fetch },
  { tenantId, integrationId }: IntegrationRef,
  stats: RequestStats,
): Promise<RmmProvider> {
  const sealed = await withTenant(options.db, tenantId, (tx) =>
    getSecret(tx, tenantId, integrationId, API_KEY_SECRET),
  );
  if (sealed === undefined) {
    throw new RmmError({
      code: "invalid_api_key",
      message: `integration ${integrationId} has no API key`,
      userMessage: "No API key is stored for this connection.",
      hint: "Enter an API key of the Level account in the settings.",
    });
  }
  const apiKey = options.vault.open(sealed, { tenantId, integrationId, name: API_KEY_SECRET });
  const { baseUrl, fetch } = options;
  return createLevelProvider({ apiKey, baseUrl, stats, ...(fetch && { fetch }) });
}

/** Opens the RMM with a key that is not stored yet, to try it. A test does not wait long for an answer. */
export function tryKey(apiKey: string, baseUrl: string): RmmProvider {
  return createLevelProvider({
    apiKey,
    baseUrl,
    stats: { requests: 0, retries: 0, rateLimitedMs: 0 },
    maxWaitMs: 2_000,
  });
}
