import { isId } from "~/auth/guard.server";
import type { WebhookReader } from "~/connectors/rmm-webhook";
import type { App } from "~/platform/app.server";
import { readBytes } from "~/platform/http/read-bytes.server";

import { receiveWebhook, type BodyRead, type WebhookOutcome } from "./receive";
import { webhookThrottleOf } from "./throttle.server";

/** The most bytes of a body. An event of Level has about a kilobyte; an automation's body is written by hand. */
const MAX_WEBHOOK_BYTES = 256 * 1024;

/** The key under which the requests to all unknown tenants are counted. */
const NO_TENANT = "";

/** Seconds after which a sender may retry after an error of ours; Level itself waits two minutes. */
const RETRY_AFTER_S = 30;

/**
 * Answers one delivery of any content type: signature or secret decide, and the body shows its format. Answers 4xx to
 * errors that the sender can fix, and 5xx only to our own errors, so that the sender retries.
 */
export async function answerWebhook(
  app: Pick<App, "sync" | "log">,
  reader: WebhookReader,
  request: Request,
  ip: string | null,
  throttle = webhookThrottleOf(app.sync),
): Promise<Response> {
  const startedAt = performance.now();
  const limitedForS = await throttle.received(ip);
  if (limitedForS !== null) {
    app.sync.meter?.webhookAnswered("rate_limited");
    return toResponse({ state: "rate_limited", retryAfterS: limitedForS });
  }
  const tenant = tenantNamedBy(request.url);
  try {
    const outcome = await receiveWebhook(app.sync, reader, {
      tenant,
      headers: request.headers,
      isOtherMethod: request.method !== "POST",
      isTooLarge: Number(request.headers.get("Content-Length") ?? 0) > MAX_WEBHOOK_BYTES,
      readBody: () => readBody(request),
      consume: () => throttle.refused(ip, tenant ?? ""),
      isLimited: () => throttle.isRefused(ip, tenant ?? ""),
      unknownTenants: {
        consume: () => throttle.refused(ip, NO_TENANT),
        isLimited: () => throttle.isRefused(ip, NO_TENANT),
      },
      startedAt,
    });
    app.sync.meter?.webhookAnswered(outcome.state);
    return toResponse(outcome);
  } catch (error) {
    app.sync.meter?.webhookAnswered("fault");
    app.log.error(
      { err: withoutStatement(error), provider: reader.provider },
      "A delivery could not be processed",
    );
    return answer(
      503,
      { error: "Something went wrong here. Send it again." },
      { "Retry-After": String(RETRY_AFTER_S) },
    );
  }
}

const methodNotAllowed = (): Response =>
  answer(405, { error: "This address takes POST alone." }, { Allow: "POST" });

/** Ids are case-insensitive. Without this, each spelling would count as a tenant of its own for the rate limit. */
function tenantNamedBy(url: string): string | null {
  const tenant = new URL(url).searchParams.get("tenant");
  return isId(tenant) ? tenant.toLowerCase() : tenant;
}

/** The error without its statement, which quotes its values and with them the delivery. */
const withoutStatement = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error;

async function readBody(request: Request): Promise<BodyRead> {
  try {
    const bytes = await readBytes(request, MAX_WEBHOOK_BYTES);
    return bytes === null ? { state: "too_large" } : { state: "read", bytes };
  } catch {
    return { state: "broken" };
  }
}

function toResponse(outcome: WebhookOutcome): Response {
  switch (outcome.state) {
    case "accepted":
      return answer(202, { outcome: "accepted", delivery: outcome.deliveryId });
    case "ignored":
    case "duplicate":
      return answer(200, { outcome: outcome.state, delivery: outcome.deliveryId });
    case "unreadable":
      return answer(400, { error: `This delivery cannot be read: ${outcome.reason}.` });
    case "wrong_method":
      return methodNotAllowed();
    case "broken_body":
      return answer(400, { error: "The body broke off." });
    case "unknown_tenant":
      return answer(400, { error: "The address names no tenant that is known here (?tenant=…)." });
    case "hidden":
      return answer(404, { error: "Not found." });
    case "unauthorized":
      return answer(401, { error: unauthorized[outcome.reason] });
    case "too_large":
      return answer(413, { error: `A body may have ${MAX_WEBHOOK_BYTES / 1024} KiB at most.` });
    case "rate_limited":
      return answer(
        429,
        { error: "Too many deliveries from this address." },
        { "Retry-After": String(outcome.retryAfterS) },
      );
  }
}

const unauthorized: Record<Extract<WebhookOutcome, { state: "unauthorized" }>["reason"], string> = {
  no_credential: "The delivery carries neither X-Level-Signature nor X-Alga-Webhook-Secret.",
  wrong_signature: "The signature was not made with the webhook secret.",
  wrong_secret: "The webhook secret is not the right one.",
  no_secret_set: "No webhook secret is set for this tenant.",
};

const answer = (
  status: number,
  body: Record<string, string>,
  headers: Record<string, string> = {},
): Response =>
  Response.json(body, {
    status,
    // Answers are too short to compress, at hundreds per second.
    headers: { "Cache-Control": "no-store, no-transform", "X-Content-Type-Options": "nosniff", ...headers },
  });
