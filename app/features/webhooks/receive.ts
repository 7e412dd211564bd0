import { withTenant } from "@db/client";
import { countRejection } from "@db/queries/webhooks/webhook-senders";
import type { WebhookCredential, WebhookReader } from "~/connectors/rmm-webhook";

import { ingestDelivery, type IngestResult } from "./ingest";
import { findSenders, identify, type RateLimiter, type Senders, type WebhookDeps } from "./senders";

export type BodyRead = { state: "read"; bytes: Uint8Array } | { state: "too_large" } | { state: "broken" };

/** A request to the webhook's address, not yet verified. */
export interface WebhookRequest extends RateLimiter {
  tenant: string | null;
  headers: Headers;
  /** Its method is not POST. */
  isOtherMethod: boolean;
  /** Its Content-Length exceeds the limit. */
  isTooLarge: boolean;
  /** Reads the body. Called once, after the tenant is known. */
  readBody(): Promise<BodyRead>;
  /**
   * The rate limit of requests to unknown tenants; the request's own limit is for deliveries without a valid secret.
   */
  unknownTenants: RateLimiter;
  /** `performance.now()` at the request's arrival. */
  startedAt: number;
}

/** The outcomes, each of which is one HTTP answer; see the route. */
export type WebhookOutcome =
  | Exclude<IngestResult, { state: "secret_gone" }>
  | { state: "unknown_tenant" }
  /** The tenant does not have the provider. */
  | { state: "hidden" }
  | { state: "unauthorized"; reason: Exclude<RejectionReason, FormFault> }
  | { state: FormFault }
  | { state: "rate_limited"; retryAfterS: number };

/** Why a request is refused before its sender is checked. */
const formFaults = ["too_large", "broken_body", "wrong_method"] as const;
type FormFault = (typeof formFaults)[number];

const isFormFault = (reason: string): reason is FormFault =>
  (formFaults as readonly string[]).includes(reason);

type RejectionReason = "no_credential" | "wrong_signature" | "wrong_secret" | "no_secret_set" | FormFault;

/** The format of a slug or an id. Any other text is not looked up. */
const TENANT = /^[\w-]{1,200}$/;

/** How often the secret is looked up again, if it is rotated while its delivery is being written. */
const MAX_LOOKS = 4;

/**
 * Receives one delivery: checks size, tenant and secret, reads the body, then writes the delivery, its alert and its
 * consequences in one transaction. Writes nothing but a counter before the secret is verified. Waits neither for the
 * provider nor for a sync.
 * @throws what the database throws: an error of ours, after which the sender retries
 */
export async function receiveWebhook(
  deps: WebhookDeps,
  reader: WebhookReader,
  request: WebhookRequest,
): Promise<WebhookOutcome> {
  const receivedAt = deps.clock();
  const credential = reader.credentialOf(request.headers);
  const scheme = credential?.scheme ?? "none";
  const find = async (options?: { fresh: boolean }) =>
    request.tenant === null || !TENANT.test(request.tenant)
      ? null
      : findSenders(deps, reader.provider, request.tenant, {
          unknownTenants: request.unknownTenants,
          ...options,
        });
  // The tenant matters only for counting refusals.
  if (request.isOtherMethod) {
    // A GET from a browser is not a lost delivery, so it is not counted.
    if (credential === null) return { state: "wrong_method" };
    return reject(deps, find, { scheme, reason: "wrong_method" }, request);
  }
  if (request.isTooLarge) return reject(deps, find, { scheme, reason: "too_large" }, request);

  let senders = await find();
  if (senders === null) return unknownTenant(request);
  if (senders.isHidden) return { state: "hidden" };
  const refuse = (reason: RejectionReason) =>
    reject(deps, () => Promise.resolve(senders), { scheme, reason }, request);
  const body = await request.readBody();
  if (body.state === "broken") return refuse("broken_body");
  if (body.state === "too_large") return refuse("too_large");
  if (credential === null) return refuse("no_credential");

  for (let looks = 1; looks <= MAX_LOOKS; looks++) {
    const secret = identify(senders, reader, credential, body.bytes, receivedAt);
    if (secret !== null) {
      const delivery = { secret, body: body.bytes, credential, receivedAt, startedAt: request.startedAt };
      const outcome = await ingestDelivery(deps, reader, senders, delivery);
      if (outcome.state !== "secret_gone") return outcome;
    } else if (senders.isFresh) {
      // Refuses the delivery, but with a 5xx, because the error is ours.
      if (senders.isIncomplete) throw new Error("A webhook secret cannot be opened: check APP_SECRET.");
      return refuse(whyNot(senders, credential));
    } else {
      // A flood of guesses costs no query.
      const retryAfterS = await request.isLimited();
      if (retryAfterS !== null) return { state: "rate_limited", retryAfterS };
    }
    senders = await find({ fresh: true });
    if (senders === null) return unknownTenant(request);
    if (senders.isHidden) return { state: "hidden" };
  }
  throw new Error("The webhook's secret was changed again and again while a delivery was written.");
}

async function unknownTenant({ unknownTenants }: WebhookRequest): Promise<WebhookOutcome> {
  const retryAfterS = await unknownTenants.isLimited();
  return retryAfterS === null ? { state: "unknown_tenant" } : { state: "rate_limited", retryAfterS };
}

function whyNot(
  { secrets }: Senders,
  { scheme }: WebhookCredential,
): "no_secret_set" | "wrong_signature" | "wrong_secret" {
  if (secrets.length === 0) return "no_secret_set";
  return scheme === "signed" ? "wrong_signature" : "wrong_secret";
}

async function reject(
  deps: WebhookDeps,
  find: () => Promise<Senders | null>,
  rejection: { scheme: WebhookCredential["scheme"] | "none"; reason: RejectionReason },
  request: WebhookRequest,
): Promise<WebhookOutcome> {
  const senders = await find();
  if (senders?.isHidden === true) return { state: "hidden" };
  const tenantId = senders?.tenantId;
  if (tenantId !== undefined) {
    const retryAfterS = await request.consume();
    if (retryAfterS !== null) return { state: "rate_limited", retryAfterS };
    await withTenant(deps.db, tenantId, (tx) => countRejection(tx, tenantId, rejection, deps.clock()));
  }
  const { reason } = rejection;
  return isFormFault(reason) ? { state: reason } : { state: "unauthorized", reason };
}
