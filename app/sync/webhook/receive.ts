import { createHash } from "node:crypto";

import { withTenant } from "@db/client";
import { isDataError } from "@db/errors";
import {
  insertDelivery,
  noteDuplicate,
  updateDelivery,
  type DeliveryInsert,
} from "@db/queries/webhook-deliveries";
import { countRejection } from "@db/queries/webhook-senders";
import { keptBody } from "~/domain/webhook-body";
import type { ReadWebhook, WebhookCredential, WebhookReader } from "~/integrations/rmm-webhook";

import { emit } from "../request-sync";
import { PREVIOUS_WEBHOOK_SECRET } from "../secrets";
import { applyEvent, consequencesOf } from "./apply-event";
import { findSenders, identify, type Senders, type WebhookDeps } from "./senders";

export type BodyRead = { state: "read"; bytes: Uint8Array } | { state: "too_large" } | { state: "broken" };

/** One request to the webhook's address, before anything about it is believed. */
export interface WebhookRequest {
  tenant: string | null;
  headers: Headers;
  /** Called once, and not before the tenant is known. */
  readBody(): Promise<BodyRead>;
  /** Called for a sender without a right secret: the seconds it is to stay away, or null. */
  slowDown(): Promise<number | null>;
  /** `performance.now()` when the request came. */
  startedAt: number;
}

/** Each is one answer; see the route. */
export type WebhookOutcome =
  | { state: "accepted"; deliveryId: string }
  | { state: "ignored"; deliveryId: string }
  | { state: "duplicate"; deliveryId: string }
  /** The sender is right, the body is not: it is kept in the log, and the same again will not help. */
  | { state: "unreadable"; reason: string }
  | { state: "unknown_tenant" }
  | { state: "unauthorized"; reason: RejectionReason }
  | { state: "too_large" }
  | { state: "broken_body" }
  | { state: "flooded"; retryAfterS: number };

export const rejectionReasons = [
  "no_credential",
  "wrong_signature",
  "wrong_secret",
  "no_secret_set",
  "too_large",
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** The shape of a slug or an id: whatever else an address says needs no look. */
const TENANT = /^[\w-]{1,200}$/;

/**
 * Hears one delivery: tenant, raw bytes, secret, meaning; then in one transaction the delivery, the alert, and what
 * follows from it. Nothing is written before the secret is right, except a counter. Waits neither for the provider nor
 * for a sync.
 * @throws what the database throws: our own fault, for the sender to try again
 */
export async function receiveWebhook(
  deps: WebhookDeps,
  reader: WebhookReader,
  request: WebhookRequest,
): Promise<WebhookOutcome> {
  if (request.tenant === null || !TENANT.test(request.tenant)) return { state: "unknown_tenant" };
  const receivedAt = deps.clock();
  let senders = await findSenders(deps, reader.provider, request.tenant);
  if (senders === null) return { state: "unknown_tenant" };

  const body = await request.readBody();
  if (body.state === "broken") return { state: "broken_body" };
  const credential = reader.credentialOf(request.headers);
  const refuse = (reason: RejectionReason) =>
    reject(deps, senders!.tenantId, { way: credential?.way ?? "none", reason }, request);
  if (body.state === "too_large") return refuse("too_large");
  if (credential === null) return refuse("no_credential");

  for (;;) {
    const secret = identify(senders, reader, credential, body.bytes, receivedAt);
    if (secret !== null) {
      const delivery = { secret, body: body.bytes, credential, receivedAt, startedAt: request.startedAt };
      const outcome = await takeOver(deps, reader, senders, delivery);
      // Undefined: the secret was rotated away or the connection ended since it was remembered.
      if (outcome !== undefined) return outcome;
    }
    if (senders.isFresh) break;
    const fresh = await findSenders(deps, reader.provider, request.tenant, { fresh: true });
    if (fresh === null) return { state: "unknown_tenant" };
    senders = fresh;
  }
  // Fails closed, but not with the sender's fault where it is ours.
  if (senders.isIncomplete) throw new Error("A webhook secret cannot be opened: check APP_SECRET.");
  return refuse(whyNot(senders, credential));
}

function whyNot({ secrets }: Senders, { way }: WebhookCredential): RejectionReason {
  if (secrets.length === 0) return "no_secret_set";
  return way === "signed" ? "wrong_signature" : "wrong_secret";
}

async function reject(
  deps: WebhookDeps,
  tenantId: string,
  rejection: { way: WebhookCredential["way"] | "none"; reason: RejectionReason },
  request: WebhookRequest,
): Promise<WebhookOutcome> {
  const retryAfterS = await request.slowDown();
  if (retryAfterS !== null) return { state: "flooded", retryAfterS };
  await withTenant(deps.db, tenantId, (tx) => countRejection(tx, tenantId, rejection, deps.clock()));
  return rejection.reason === "too_large"
    ? { state: "too_large" }
    : { state: "unauthorized", reason: rejection.reason };
}

interface Verified {
  secret: Senders["secrets"][number];
  credential: WebhookCredential;
  body: Uint8Array;
  receivedAt: Date;
  startedAt: number;
}

async function takeOver(
  deps: WebhookDeps,
  reader: WebhookReader,
  senders: Senders,
  verified: Verified,
): Promise<WebhookOutcome | undefined> {
  const read = reader.read(verified.credential.way, verified.body, verified.receivedAt);
  try {
    return await write(deps, senders, verified, read);
  } catch (error) {
    if (!isDataError(error)) throw error;
    // The same at every try: a 5xx would have the sender repeat it for nothing.
    deps.log.warn(
      { tenantId: senders.tenantId, error: String(error) },
      "a delivery was refused by the database",
    );
    const type = read.state === "read" ? read.event.type : read.type;
    return write(deps, senders, verified, {
      state: "unreadable",
      reason: "holds a value that cannot be stored",
      type,
    });
  }
}

/** Undefined when the secret is no longer good. */
async function write(
  deps: WebhookDeps,
  senders: Senders,
  verified: Verified,
  read: ReadWebhook,
): Promise<WebhookOutcome | undefined> {
  const { secret, receivedAt } = verified;
  const scope = { tenantId: senders.tenantId, integrationId: secret.integrationId };
  const insert = describe(senders, verified, read);
  const outcome = await withTenant(
    deps.db,
    scope.tenantId,
    async (tx): Promise<WebhookOutcome | undefined> => {
      const deliveryId = await insertDelivery(tx, scope, insert, secret);
      if (deliveryId === undefined) {
        const first = await noteDuplicate(tx, scope, insert.eventKey, receivedAt, secret);
        if (first === undefined) return undefined;
        if (read.state === "unreadable") return { state: "unreadable", reason: read.reason };
        return { state: "duplicate", deliveryId: first.id };
      }
      if (read.state === "unreadable") return { state: "unreadable", reason: read.reason };
      const { event } = read;
      const told = { way: verified.credential.way, receivedAt };
      const applied = await applyEvent(tx, scope, event, told);
      if (event.message.kind === "alert") {
        const { outcome, reason, alert } = applied;
        await updateDelivery(tx, scope.tenantId, deliveryId, {
          outcome,
          reason,
          ...alert,
          durationMs: elapsed(verified),
        });
      }
      await emit(tx, consequencesOf(scope, deliveryId, event), receivedAt);
      return { state: applied.outcome === "ignored" ? "ignored" : "accepted", deliveryId };
    },
  );
  deps.nudge();
  return outcome;
}

const elapsed = ({ startedAt }: Verified): number => Math.round(performance.now() - startedAt);

const statusOf = { accepted: 202, ignored: 200, unreadable: 400 } as const;

function describe(senders: Senders, verified: Verified, read: ReadWebhook): DeliveryInsert {
  const { credential, secret, body, receivedAt } = verified;
  const kept = keptBody(
    body,
    senders.secrets.map(({ plain }) => plain),
  );
  const event = read.state === "read" ? read.event : null;
  const outcome = event === null ? "unreadable" : event.message.kind === "unknown" ? "ignored" : "accepted";
  return {
    way: credential.way,
    secretUsed: secret.name === PREVIOUS_WEBHOOK_SECRET ? "previous" : "current",
    eventType: read.state === "read" ? read.event.type : read.type,
    eventKey: event?.key ?? `unreadable:${createHash("sha256").update(body).digest("hex")}`,
    occurredAt: event?.occurredAt ?? null,
    externalDeviceId: event?.externalDeviceId ?? null,
    outcome,
    reason: read.state === "unreadable" ? read.reason : null,
    responseStatus: statusOf[outcome],
    durationMs: elapsed(verified),
    body: kept.text,
    bodyIsCut: kept.isCut,
    receivedAt,
  };
}
