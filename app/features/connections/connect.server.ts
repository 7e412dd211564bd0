import { withTenant, type TenantDb } from "@db/client";
import { onUniqueViolation } from "@db/errors";
import { audit } from "@db/queries/audit/audit";
import {
  getIntegration,
  insertIntegration,
  listIntegrations,
  lockIntegration,
  updateIntegration,
  type IntegrationRow,
} from "@db/queries/connections/connections";
import { findConnectionOfGroups } from "@db/queries/connections/connection-counts";
import { getSecret, putSecret } from "@db/queries/connections/secrets";
import type { Actor } from "@domain/actor";
import { caughtUp, firstInstants, unpaused } from "@domain/schedule";
import { isRmmError, type RmmError } from "~/connectors/rmm-error";
import type { RmmProvider } from "~/connectors/rmm-provider";
import { withDeadline } from "~/connectors/with-deadline";
import { requestMissedRefresh } from "~/features/connection-health/missed-refresh";
import { noteHealth } from "~/features/connection-health/note-health";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { ConnectDeps } from "~/platform/ports";

import { ensureWebhookSecret } from "./secrets.server";

export type ConnectRequest = {
  tenantId: string;
  provider: string;
  apiKey: string;
  actor: Actor;
} & (
  | { label: string; connectionId?: undefined }
  /** The connection whose key is replaced; its name and mappings stay. */
  | { connectionId: string }
);

export type ConnectOutcome =
  /** `sameAs` is the name of another connection that reads the same account. */
  | { state: "saved"; integration: IntegrationRow; isNew: boolean; sameAs: string | null }
  | { state: "refused"; error: RmmError }
  | { state: "label_taken" }
  | { state: "unknown_integration" };

const API_KEY = "api_key";
const LAST_CHARACTERS = 4;

/** The unique index of a connection's name. */
export const CONNECTION_NAME = "rmm_integrations_label_key";

/**
 * Saves a connection after a test call with its key; a key that does not work is never stored. The same name with the
 * same key is the existing connection, so a form sent twice creates one.
 * @returns the saved connection, or why nothing was saved
 * @throws what the provider throws other than `RmmError`
 */
export async function connect(deps: ConnectDeps, request: ConnectRequest): Promise<ConnectOutcome> {
  const provider = deps.tryKey(request.apiKey);
  try {
    await withDeadline(() => provider.testConnection());
  } catch (error) {
    if (isRmmError(error)) return { state: "refused", error };
    throw error;
  }
  // A tenant's first connection cannot be a duplicate, so the account is not queried further.
  const others = await withTenant(deps.db, request.tenantId, (tx) => listIntegrations(tx, request.tenantId));
  const groupIds = others.some(({ id }) => id !== request.connectionId) ? await firstGroupIds(provider) : [];
  const saving = () =>
    inTransaction(deps, request.tenantId, (tx) =>
      save(tx, deps, request, { instanceUrl: provider.instanceUrl, groupIds }),
    );
  // If two requests take one name at once, the slower one runs again and finds the other's connection.
  return onUniqueViolation(CONNECTION_NAME, saving, saving);
}

/** The group ids on the first page of the account, by which a duplicate connection is recognised. */
async function firstGroupIds(provider: RmmProvider): Promise<string[]> {
  try {
    return await withDeadline(async () => {
      for await (const { items } of provider.listGroups()) return items.map(({ externalId }) => externalId);
      return [];
    });
  } catch (error) {
    // The key works. A duplicate is found later, when a sync reads the groups.
    if (isRmmError(error)) return [];
    throw error;
  }
}

/** What the test call found out about the account. */
interface Account {
  instanceUrl: string;
  groupIds: string[];
}

async function save(
  tx: TenantDb,
  deps: ConnectDeps,
  request: ConnectRequest,
  account: Account,
): Promise<ConnectOutcome> {
  const { tenantId, provider, apiKey } = request;
  const { instanceUrl } = account;
  if (request.connectionId !== undefined) {
    const existing = await lockIntegration(tx, tenantId, request.connectionId);
    if (existing === undefined) return { state: "unknown_integration" };
    return storeKey(tx, deps, request, { ...existing, instanceUrl }, { isNew: false, account });
  }
  const { label } = request;
  const all = await listIntegrations(tx, tenantId);
  const sameLabel = all.find((row) => row.provider === provider && row.label === label);
  if (sameLabel !== undefined) {
    const isTheSame = await hasKey(tx, deps, sameLabel, apiKey);
    return isTheSame
      ? { state: "saved", integration: sameLabel, isNew: false, sameAs: null }
      : { state: "label_taken" };
  }
  const made = await insertIntegration(tx, { tenantId, provider, label, instanceUrl });
  return storeKey(tx, deps, request, made, { isNew: true, account });
}

/** Finds another connection of the same account: it has the same key, or knows one of its groups. */
async function findSameAccount(
  tx: TenantDb,
  deps: ConnectDeps,
  own: IntegrationRow,
  apiKey: string,
  { groupIds }: Account,
): Promise<IntegrationRow | undefined> {
  const others = (await listIntegrations(tx, own.tenantId)).filter(
    ({ id, provider, status }) => id !== own.id && provider === own.provider && status !== "disconnected",
  );
  for (const other of others) if (await hasKey(tx, deps, other, apiKey)) return other;
  const ids = others.map(({ id }) => id);
  const found = await findConnectionOfGroups(tx, own.tenantId, ids, groupIds);
  return others.find(({ id }) => id === found);
}

/** Stores the key and resumes the connection. */
async function storeKey(
  tx: TenantDb,
  deps: ConnectDeps,
  { apiKey, actor }: ConnectRequest,
  row: IntegrationRow,
  { isNew, account }: { isNew: boolean; account: Account },
): Promise<Extract<ConnectOutcome, { state: "saved" }>> {
  const { tenantId, id: connectionId, provider, label, instanceUrl } = row;
  const now = deps.clock();
  const same = await findSameAccount(tx, deps, row, apiKey, account);
  await updateIntegration(tx, tenantId, connectionId, {
    status: "active",
    statusReason: null,
    instanceUrl,
    sameAccountAs: same?.id ?? null,
    keyLastCharacters: apiKey.slice(-LAST_CHARACTERS),
    keySavedAt: now,
    ...unpaused,
    ...firstInstants(row, now),
    ...caughtUp(row, now),
  });
  if (row.status === "needs_attention") await requestMissedRefresh(tx, row, now);
  await noteHealth(tx, deps, { tenantId, connectionId });
  const keyOwner = { tenantId, connectionId, name: API_KEY };
  await putSecret(tx, { ...keyOwner, ...deps.vault.seal(apiKey, keyOwner) });
  await ensureWebhookSecret(tx, deps, { tenantId, connectionId });
  await audit(tx, tenantId, actor, {
    action: isNew ? "integration.connected" : "integration.key_replaced",
    targetType: "integration",
    targetId: connectionId,
    details: { label, provider },
  });
  const integration = (await getIntegration(tx, tenantId, connectionId))!;
  return { state: "saved", integration, isNew, sameAs: same?.label ?? null };
}

async function hasKey(
  tx: TenantDb,
  { vault }: ConnectDeps,
  { id: connectionId, tenantId }: IntegrationRow,
  apiKey: string,
): Promise<boolean> {
  const owner = { tenantId, connectionId, name: API_KEY };
  const sealed = await getSecret(tx, tenantId, connectionId, owner.name);
  try {
    return sealed !== undefined && vault.open(sealed, owner) === apiKey;
  } catch {
    // The stored key was encrypted with a lost application secret, so it cannot be compared.
    return false;
  }
}
