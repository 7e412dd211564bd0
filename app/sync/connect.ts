import { withTenant, type TenantDb } from "@db/client";
import { recordAudit } from "@db/queries/audit";
import {
  getIntegration,
  insertIntegration,
  listIntegrations,
  updateIntegration,
  type IntegrationRow,
} from "@db/queries/integrations";
import { getSecret, putSecret } from "@db/queries/secrets";
import { firstInstants } from "~/domain/schedule";
import { isRmmError, type RmmError } from "~/integrations/rmm-error";
import type { RmmProvider } from "~/integrations/rmm-provider";

import type { SyncDeps } from "./ports";
import { newWebhookSecret, WEBHOOK_SECRET, type Vault } from "./secrets";

export interface ConnectDeps extends SyncDeps {
  /** Opens the RMM with a key that is not stored yet. */
  tryKey(apiKey: string): RmmProvider;
  vault: Vault;
}

export interface Actor {
  userId: string | null;
  name: string;
  ip: string | null;
}

export interface ConnectRequest {
  tenantId: string;
  provider: string;
  label: string;
  apiKey: string;
  actor: Actor;
  /** The connection whose key is replaced; a new one when absent. Its mappings stay. */
  integrationId?: string;
}

export type ConnectOutcome =
  | { state: "saved"; integration: IntegrationRow; isNew: boolean }
  | { state: "refused"; error: RmmError }
  | { state: "label_taken" }
  | { state: "unknown_integration" };

const LAST_CHARACTERS = 4;

/** Saves a connection, after a live call with its key: a key that does not work is never stored. */
export async function connect(deps: ConnectDeps, request: ConnectRequest): Promise<ConnectOutcome> {
  try {
    await deps.tryKey(request.apiKey).testConnection();
  } catch (error) {
    if (isRmmError(error)) return { state: "refused", error };
    throw error;
  }
  return withTenant(deps.db, request.tenantId, (tx) => save(tx, deps, request));
}

async function save(tx: TenantDb, deps: ConnectDeps, request: ConnectRequest): Promise<ConnectOutcome> {
  const { tenantId, provider, label, apiKey } = request;
  const all = await listIntegrations(tx, tenantId);
  const sameLabel = all.find((row) => row.provider === provider && row.label === label);
  const existing =
    request.integrationId === undefined ? undefined : all.find((row) => row.id === request.integrationId);
  if (request.integrationId !== undefined && existing === undefined) return { state: "unknown_integration" };
  if (sameLabel !== undefined && sameLabel.id !== existing?.id) return { state: "label_taken" };
  const now = deps.clock();
  const set = {
    label,
    status: "active" as const,
    statusReason: null,
    keyLastCharacters: apiKey.slice(-LAST_CHARACTERS),
    keySavedAt: now,
    pausedAt: null,
    pausedReason: null,
    consecutiveFailures: 0,
  };
  const row = existing ?? (await insertIntegration(tx, { tenantId, provider, ...set }));
  const integrationId = row.id;
  await updateIntegration(tx, tenantId, integrationId, { ...set, ...firstInstants(row, now) });
  const keyOwner = { tenantId, integrationId, name: "api_key" };
  await putSecret(tx, { ...keyOwner, ...deps.vault.seal(apiKey, keyOwner) });
  const webhookOwner = { tenantId, integrationId, name: WEBHOOK_SECRET };
  if ((await getSecret(tx, tenantId, integrationId, webhookOwner.name)) === undefined) {
    await putSecret(tx, {
      ...webhookOwner,
      ...deps.vault.seal(newWebhookSecret(), webhookOwner),
    });
  }
  await recordAudit(tx, {
    tenantId,
    actorUserId: request.actor.userId,
    actor: request.actor.name,
    ip: request.actor.ip,
    action: existing === undefined ? "integration.connected" : "integration.key_replaced",
    targetType: "integration",
    targetId: integrationId,
    details: { label, provider },
  });
  const integration = (await getIntegration(tx, tenantId, integrationId))!;
  return { state: "saved", integration, isNew: existing === undefined };
}
