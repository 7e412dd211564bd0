import { withTenant } from "@db/client";
import { getSecret } from "@db/queries/connections/secrets";
import type { ConnectionRef } from "@domain/refs";
import type { WebhookReader } from "~/connectors/rmm-webhook";
import { WEBHOOK_SECRET } from "~/features/connections/secrets.server";
import { proxiedFetch } from "~/platform/outgoing/proxied-fetch";
import { openUnlessLost, type UnopenableSecretError } from "~/platform/vault";

import type { WebhookDeps } from "./senders";

/**
 * Milliseconds to wait for an answer, which takes milliseconds if all is well. Level does not document its own timeout.
 */
const TIMEOUT_MS = 10_000;

export type TestOutcome =
  | { state: "received"; durationMs: number }
  /** Something else than this endpoint answered. */
  | { state: "refused"; status: number }
  | { state: "unreachable"; reason: string }
  | { state: "no_secret" }
  | { state: "lost"; error: UnopenableSecretError };

/** Sends a signed test event to the webhook's public address, as the provider would. */
export async function sendTestDelivery(
  deps: WebhookDeps,
  reader: WebhookReader,
  { tenantId, connectionId }: ConnectionRef,
  url: string,
): Promise<TestOutcome> {
  const sealed = await withTenant(deps.db, tenantId, (tx) =>
    getSecret(tx, tenantId, connectionId, WEBHOOK_SECRET),
  );
  if (sealed === undefined) return { state: "no_secret" };
  const opened = openUnlessLost(deps.vault, sealed, { tenantId, connectionId, name: WEBHOOK_SECRET });
  if (opened.state === "lost") return opened;
  const { body, headers } = reader.testDelivery(opened.plain, deps.clock());
  const startedAt = performance.now();
  try {
    const response = await proxiedFetch(url, {
      method: "POST",
      body,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.status !== 200) return { state: "refused", status: response.status };
    return { state: "received", durationMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    return { state: "unreachable", reason: reasonOf(error) };
  }
}

/** The system's error code, such as ECONNREFUSED. */
function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === "TimeoutError") return `no answer within ${TIMEOUT_MS / 1000} s`;
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
  }
  return "no connection";
}
