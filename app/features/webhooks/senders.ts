import { withTenant, type Db } from "@db/client";
import { findTenantId, listSenderSecrets, type SenderSecret } from "@db/queries/webhooks/webhook-senders";
import type { WebhookCredential, WebhookReader } from "~/connectors/rmm-webhook";
import { PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET } from "~/features/connections/secrets.server";
import type { SyncDeps } from "~/platform/ports";
import type { Vault } from "~/platform/vault";

export type WebhookDeps = Pick<SyncDeps, "db" | "clock" | "log" | "nudge" | "meter" | "hasProvider"> & {
  vault: Vault;
};

/** A decrypted secret of the tenant. */
interface OpenSecret extends SenderSecret {
  plain: string;
}

/** The senders that a tenant accepts. */
export interface Senders {
  tenantId: string;
  secrets: OpenSecret[];
  /** The tenant does not have the provider, so its address answers as if it did not exist. */
  isHidden: boolean;
  /** A secret could not be decrypted, because the installation's key changed. */
  isIncomplete: boolean;
  /** Read from the database just now, not from the cache. */
  isFresh: boolean;
}

/**
 * Milliseconds that senders are cached per database, so that a delivery needs no query for secrets. The cache can only
 * delay a refusal: an accepted delivery is checked against the stored secret when it is written, and one that matches
 * no cached secret is checked against the stored ones before it is refused.
 */
const REMEMBERED_MS = 60_000;
/** Unknown tenants are cached separately, so that invented names do not evict real ones. */
const UNKNOWN_MS = 5_000;
const MAX_TENANTS = 1_000;

interface Memory {
  known: Map<string, { at: number; senders: Senders }>;
  unknown: Map<string, number>;
}
const remembered = new WeakMap<Db, Memory>();

/** Counts and limits requests that cannot be valid. */
export interface RateLimiter {
  /**
   * Counts a request.
   * @returns seconds to wait, or null if it is within the limit
   */
  consume(): Promise<number | null>;
  /** The seconds to wait, or null, without counting a request. */
  isLimited(): Promise<number | null>;
}

/**
 * Reads the senders of the tenant that an address names. Each unknown name costs a query and is counted; once
 * `unknownTenants` exceed their limit, only cached tenants are served.
 * @returns null if there is no such tenant
 */
export async function findSenders(
  deps: WebhookDeps,
  provider: string,
  tenant: string,
  { unknownTenants, fresh = false }: { unknownTenants: RateLimiter; fresh?: boolean },
): Promise<Senders | null> {
  const memory: Memory = remembered.get(deps.db) ?? { known: new Map(), unknown: new Map() };
  remembered.set(deps.db, memory);
  const key = `${provider} ${tenant}`;
  const now = performance.now();
  const known = memory.known.get(key);
  if (known !== undefined && !fresh && now - known.at < REMEMBERED_MS) {
    return { ...known.senders, isFresh: false };
  }
  if (now - (memory.unknown.get(key) ?? -Infinity) < UNKNOWN_MS) return null;
  if (known === undefined && (await unknownTenants.isLimited()) !== null) return null;
  const senders = await readSenders(deps, provider, tenant);
  if (senders === null) {
    memory.known.delete(key);
    remember(memory.unknown, key, now);
    await unknownTenants.consume();
  } else if (senders.isHidden) memory.known.delete(key);
  else remember(memory.known, key, { at: now, senders });
  return senders;
}

function remember<T>(memory: Map<string, T>, key: string, value: T): void {
  if (memory.size >= MAX_TENANTS) memory.clear();
  memory.set(key, value);
}

async function readSenders(deps: WebhookDeps, provider: string, tenant: string): Promise<Senders | null> {
  const tenantId = await findTenantId(deps.db, tenant);
  if (tenantId === undefined) return null;
  const sealed = await withTenant(deps.db, tenantId, async (tx) =>
    (await deps.hasProvider(tx, tenantId, provider))
      ? listSenderSecrets(tx, tenantId, provider, [WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET])
      : null,
  );
  if (sealed === null) return { tenantId, secrets: [], isHidden: true, isIncomplete: false, isFresh: true };
  const secrets = sealed.flatMap((secret): OpenSecret[] => {
    const { connectionId, name } = secret;
    try {
      return [{ ...secret, plain: deps.vault.open(secret, { tenantId, connectionId, name }) }];
    } catch (error) {
      deps.log.error({ tenantId, connectionId, error: String(error) }, "a webhook secret cannot be opened");
      return [];
    }
  });
  return {
    tenantId,
    secrets,
    isHidden: false,
    isIncomplete: secrets.length < sealed.length,
    isFresh: true,
  };
}

/** The secret, of any of the tenant's connections, that matches a credential; null if none does. */
export function identify(
  senders: Senders,
  reader: WebhookReader,
  credential: WebhookCredential,
  body: Uint8Array,
  now: Date,
): OpenSecret | null {
  const good = senders.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  const verified = reader.verify(
    credential,
    body,
    good.map(({ plain }) => plain),
  );
  return verified === null ? null : (good[verified.secretIndex] ?? null);
}
