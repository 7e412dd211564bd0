import type { AuditAction } from "@domain/audit-actions";
import { withTenant, type TenantDb } from "@db/client";
import { findLastAudit, audit } from "@db/queries/audit/audit";
import { getSecret, putSecret } from "@db/queries/connections/secrets";
import {
  getSubscription,
  lockSubscription,
  updateSubscription,
  type SubscriptionRow,
} from "@db/queries/event-subscriptions/outgoing";
import type { Actor } from "@domain/actor";
import { subscriptionValues } from "@domain/form-values";
import { newSigningSecret, SECRET_OVERLAP_MS } from "@domain/outgoing";
import { overwritten, type Stale } from "@domain/shown-version";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { refusalOfUrl } from "~/platform/outgoing/address-guard";
import type { ConnectDeps } from "~/platform/ports";
import { openUnlessLost } from "~/platform/vault";

import { formerSecretOwner, secretOwner } from "./subscriptions.server";

type Deps = Pick<ConnectDeps, "db" | "clock" | "vault" | "nudge">;

interface SubscriptionRef {
  tenantId: string;
  id: string;
}

export type ChangeOutcome = { state: "changed" | "unknown" } | { state: "refused"; reason: string } | Stale;

/**
 * Changes the given settings of a subscription; its secret stays. Pending deliveries go to the new address. During a
 * pause pending deliveries stay, and events are not sent.
 * @param change `version` holds the values that the person saw, see `shownVersion`; `isAsSeen` is called with the
 * locked row, and nothing is written if it returns false
 */
export async function changeSubscription(
  deps: Deps,
  ref: SubscriptionRef,
  change: {
    url?: string | undefined;
    eventNames?: string[] | undefined;
    includesRecord?: boolean | undefined;
    isPaused?: boolean | undefined;
    version?: string | undefined;
    isAsSeen?: (row: SubscriptionRow) => boolean;
    allowPrivate: boolean;
  },
  actor: Actor,
): Promise<ChangeOutcome> {
  const { version, allowPrivate, isPaused } = change;
  const { tenantId, id } = ref;
  return inTransaction(deps, tenantId, async (tx): Promise<ChangeOutcome> => {
    const before = await lockSubscription(tx, tenantId, id);
    if (before === undefined) return { state: "unknown" };
    // The address of a channel is sealed and cannot be changed: another address is another channel.
    const url = before.format === "json" ? (change.url ?? before.url) : before.url;
    const eventNames = change.eventNames ?? before.eventNames;
    if (change.isAsSeen?.(before) === false) return { state: "stale", fields: [], by: null };
    const reason = change.url === undefined ? undefined : refusalOfUrl(url, allowPrivate);
    if (reason !== undefined) return { state: "refused", reason };
    if (isPaused !== undefined && isPaused === before.isEnabled)
      await changeIn(tx, deps, ref, ...pausing(isPaused), actor);
    if (change.url === undefined && change.eventNames === undefined && change.includesRecord === undefined)
      return { state: "changed" };
    const set = { url, eventNames };
    const fields = overwritten(version, subscriptionValues(before), subscriptionValues(set));
    if (fields.length > 0) {
      const actions = ["outgoing.changed", "outgoing.subscribed"];
      const last = await findLastAudit(tx, tenantId, { actions, targetId: id });
      return { state: "stale", fields, by: last?.actor ?? null };
    }
    // The failures of the former address say nothing about the new one.
    const isMoved = url !== before.url;
    await updateSubscription(
      tx,
      tenantId,
      id,
      {
        ...set,
        includesRecord: change.includesRecord ?? before.includesRecord,
        ...(isMoved ? wellAgain : {}),
      },
      deps.clock(),
    );
    await audit(tx, tenantId, actor, {
      action: "outgoing.changed",
      targetType: "subscription",
      targetId: id,
      details: {
        host: new URL(url).host,
        ...(isMoved ? { address: { from: before.url, to: url } } : {}),
        eventNames: { from: before.eventNames, to: eventNames },
      },
    });
    return { state: "changed" };
  });
}

/** Clears the failures of a receiver, so that the next attempt is made at once. */
export const wellAgain = { failures: 0, restsUntil: null, lastError: null } as const;

/**
 * Pauses or resumes a subscription. Pending deliveries stay, and go out once it is resumed; events during the pause are
 * not sent. Returns whether there is such a subscription.
 */
export async function pauseSubscription(
  deps: Deps,
  ref: SubscriptionRef & { isPaused: boolean },
  actor: Actor,
): Promise<boolean> {
  const row = await inTransaction(deps, ref.tenantId, (tx) =>
    changeIn(tx, deps, ref, ...pausing(ref.isPaused), actor),
  );
  return row !== undefined;
}

const pausing = (isPaused: boolean): [Partial<SubscriptionRow>, AuditAction] =>
  isPaused
    ? [{ isEnabled: false }, "outgoing.paused"]
    : [{ isEnabled: true, ...wellAgain }, "outgoing.resumed"];

/** Stops sending the legacy signature. Returns whether there is such a subscription. */
export async function dropLegacySignature(deps: Deps, ref: SubscriptionRef, actor: Actor): Promise<boolean> {
  const row = await inTransaction(deps, ref.tenantId, (tx) =>
    changeIn(tx, deps, ref, { hasLegacySignature: false }, "outgoing.changed", actor),
  );
  return row !== undefined;
}

/**
 * Replaces the signing secret. For a day, events are signed with the former one too. Returns the new secret, to be
 * shown once; undefined if there is no such subscription.
 */
export async function renewSigningSecret(
  deps: Deps,
  ref: SubscriptionRef,
  actor: Actor,
): Promise<string | undefined> {
  const { tenantId, id } = ref;
  const before = await withTenant(deps.db, tenantId, (tx) => getSubscription(tx, tenantId, id));
  // A channel's secret is its address, so there is nothing to renew.
  if (before?.format !== "json") return undefined;
  const secret = newSigningSecret();
  const row = await inTransaction(deps, ref.tenantId, (tx) =>
    changeIn(tx, deps, ref, wellAgain, "outgoing.secret_renewed", actor, secret),
  );
  return row === undefined ? undefined : secret;
}

async function changeIn(
  tx: TenantDb,
  deps: Deps,
  { tenantId, id }: SubscriptionRef,
  set: Partial<SubscriptionRow>,
  action: AuditAction,
  actor: Actor,
  secret?: string,
): Promise<SubscriptionRow | undefined> {
  const row = await updateSubscription(tx, tenantId, id, set, deps.clock());
  if (row === undefined) return undefined;
  if (secret !== undefined) {
    const owner = secretOwner(tenantId, id);
    const former = await getSecret(tx, tenantId, null, owner.name);
    const opened = former && openUnlessLost(deps.vault, former, owner);
    if (opened?.state === "open") {
      const kept = formerSecretOwner(tenantId, id);
      const expiresAt = new Date(deps.clock().getTime() + SECRET_OVERLAP_MS);
      await putSecret(tx, { ...kept, ...deps.vault.seal(opened.plain, kept), expiresAt });
    }
    await putSecret(tx, { ...owner, ...deps.vault.seal(secret, owner) });
  }
  await audit(tx, tenantId, actor, {
    action,
    targetType: "subscription",
    targetId: id,
    details: { host: new URL(row.url).host },
  });
  return row;
}
