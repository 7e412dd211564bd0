import { withTenant } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { deleteSecret, putSecret } from "@db/queries/connections/secrets";
import {
  deleteSubscription,
  insertSubscription,
  requeueDeliveries,
} from "@db/queries/event-subscriptions/outgoing";
import type { Actor } from "@domain/actor";
import type { ChatFormat } from "@domain/chat-messages";
import { newSigningSecret } from "@domain/outgoing";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { refusalOfUrl } from "~/platform/outgoing/address-guard";
import type { ConnectDeps } from "~/platform/ports";
import type { SecretOwner } from "~/platform/vault";

type Deps = Pick<ConnectDeps, "db" | "clock" | "vault">;

/** The name under which a subscription's signing secret is stored. */
export const secretOwner = (tenantId: string, subscriptionId: string): SecretOwner => ({
  tenantId,
  connectionId: null,
  name: `outgoing:${subscriptionId}`,
});

/** The name under which a subscription's former signing secret is stored while both are accepted. */
export const formerSecretOwner = (tenantId: string, subscriptionId: string): SecretOwner => ({
  ...secretOwner(tenantId, subscriptionId),
  name: `outgoing:${subscriptionId}:former`,
});

export type SubscribeOutcome =
  /** The secret, which only this outcome contains. */
  { state: "subscribed"; id: string; secret: string } | { state: "refused"; reason: string };

/**
 * Subscribes an address to the tenant's events of some kinds. The subscription gets a signing secret of its own.
 * @returns the subscription with its secret, or why it was refused
 */
export async function subscribe(
  deps: Deps,
  request: {
    tenantId: string;
    url: string;
    eventNames: string[];
    includesRecord?: boolean;
    allowPrivate: boolean;
    actor: Actor;
  },
): Promise<SubscribeOutcome> {
  const { tenantId, url, eventNames, includesRecord = false, actor } = request;
  const reason = refusalOfUrl(url, request.allowPrivate);
  if (reason !== undefined) return { state: "refused", reason };
  const secret = newSigningSecret();
  return withTenant(deps.db, tenantId, async (tx): Promise<SubscribeOutcome> => {
    const { id } = await insertSubscription(tx, { tenantId, url, eventNames, includesRecord });
    const owner = secretOwner(tenantId, id);
    await putSecret(tx, { ...owner, ...deps.vault.seal(secret, owner) });
    await audit(tx, tenantId, actor, {
      action: "outgoing.subscribed",
      targetType: "subscription",
      targetId: id,
      details: { host: new URL(url).host, eventNames },
    });
    return { state: "subscribed", id, secret };
  });
}

export type ChannelOutcome = { state: "subscribed"; id: string } | { state: "refused"; reason: string };

/**
 * Adds a channel of Slack or Teams, to which messages about incidents are posted from now on. Anybody who knows the
 * address can post there, so it is sealed like a secret; pages, audit log and log contain only its host.
 */
export async function addChannel(
  deps: Deps,
  request: {
    tenantId: string;
    url: string;
    format: ChatFormat;
    eventNames: string[];
    allowPrivate: boolean;
    actor: Actor;
  },
): Promise<ChannelOutcome> {
  const { tenantId, url, format, eventNames, actor } = request;
  const reason = refusalOfUrl(url, request.allowPrivate);
  if (reason !== undefined) return { state: "refused", reason };
  const { origin, host } = new URL(url);
  return withTenant(deps.db, tenantId, async (tx): Promise<ChannelOutcome> => {
    const { id } = await insertSubscription(tx, { tenantId, url: `${origin}/`, format, eventNames });
    const owner = secretOwner(tenantId, id);
    await putSecret(tx, { ...owner, ...deps.vault.seal(url, owner) });
    await audit(tx, tenantId, actor, {
      action: "outgoing.subscribed",
      targetType: "subscription",
      targetId: id,
      details: { host, format, eventNames },
    });
    return { state: "subscribed", id };
  });
}

/** Deletes a subscription with its pending deliveries. Returns whether there was one. */
export async function unsubscribe(
  deps: Deps,
  { tenantId, id }: { tenantId: string; id: string },
  actor: Actor,
): Promise<boolean> {
  return withTenant(deps.db, tenantId, async (tx) => {
    const row = await deleteSubscription(tx, tenantId, id);
    if (row === undefined) return false;
    await deleteSecret(tx, tenantId, null, secretOwner(tenantId, id).name);
    await deleteSecret(tx, tenantId, null, formerSecretOwner(tenantId, id).name);
    await audit(tx, tenantId, actor, {
      action: "outgoing.unsubscribed",
      targetType: "subscription",
      targetId: id,
      details: { host: new URL(row.url).host },
    });
    return true;
  });
}

/** Sends failed deliveries again, from the first attempt on: the given ones, or all. Returns how many. */
export async function replayOutgoing(
  deps: Deps & Pick<ConnectDeps, "nudge">,
  { tenantId, ids }: { tenantId: string; ids?: string[] },
  actor: Actor,
): Promise<number> {
  return inTransaction(deps, tenantId, async (tx) => {
    const revived = await requeueDeliveries(tx, tenantId, ids, deps.clock());
    if (revived > 0) {
      await audit(tx, tenantId, actor, {
        action: "outgoing.replayed",
        targetType: "delivery",
        targetId: ids?.length === 1 ? ids[0]! : tenantId,
        details: { deliveries: revived },
      });
    }
    return revived;
  });
}
