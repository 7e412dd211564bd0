import { createHash } from "node:crypto";

import { withTenant } from "@db/client";
import {
  claimIdempotencyKey,
  keepAnswer,
  releaseIdempotencyKey,
  type IdempotentRequest,
} from "@db/queries/api/idempotency";
import type { App } from "~/platform/app.server";
import { openUnlessLost, type SecretOwner, type Vault } from "~/platform/vault";

import { ApiProblem } from "./base/problem";

/** Milliseconds after which an unanswered request is known to be one whose process died. */
const STALE_MS = 60_000;
const MAX_KEY_LENGTH = 255;

interface Answer {
  status: number;
  /** The JSON as it is sent. */
  body: string;
}

const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
};

/**
 * Answers a request that changes something. With an `Idempotency-Key`, a repeated request gets the answer of the first
 * one, even after a restart, and has no second effect. A refused or failed request frees its key.
 * @param isSecret whether the answer contains a secret, which is then stored sealed
 * @throws ApiProblem if the key is too long, was used for another request, or its first request is still running
 */
export async function answerOnce(
  {
    app,
    tenantId,
    tokenId,
    key,
    isSecret,
  }: { app: App; tenantId: string; tokenId: string; key: string | null; isSecret: boolean },
  request: { method: string; path: string; bytes: Uint8Array },
  answer: () => Promise<Answer>,
): Promise<Answer> {
  if (key === null) return answer();
  if (key === "" || key.length > MAX_KEY_LENGTH) {
    const message = `An Idempotency-Key has 1 to ${MAX_KEY_LENGTH} characters.`;
    throw new ApiProblem("invalid_request", message, {
      errors: [{ field: "headers.Idempotency-Key", message }],
    });
  }
  const { db } = app;
  const ref: IdempotentRequest = {
    tenantId,
    tokenId,
    keyHash: sha256(key),
    requestHash: sha256(request.method, request.path, request.bytes),
  };
  const claim = await withTenant(db, tenantId, (tx) =>
    claimIdempotencyKey(tx, ref, { now: app.clock(), staleMs: STALE_MS }),
  );
  switch (claim.state) {
    case "answered":
      return isSecret ? { ...claim, body: opened(app, ref, claim.body) } : claim;
    case "in_progress":
      throw new ApiProblem("request_in_progress", "Try again in a moment.", {
        headers: { "Retry-After": "1" },
      });
    case "other_request":
      throw new ApiProblem("idempotency_key_reused", "Choose a new key for each request.");
    case "claimed":
  }
  try {
    const { status, body } = await answer();
    const kept = isSecret ? JSON.stringify(app.sync.vault.seal(body, ownerOf(ref))) : body;
    await withTenant(db, tenantId, (tx) => keepAnswer(tx, ref, { status, body: kept }));
    return { status, body };
  } catch (error) {
    await withTenant(db, tenantId, (tx) => releaseIdempotencyKey(tx, ref));
    throw error;
  }
}

const ownerOf = ({ tenantId, keyHash }: IdempotentRequest): SecretOwner => ({
  tenantId,
  connectionId: null,
  name: `api-answer:${keyHash}`,
});

/**
 * Opens a sealed answer.
 * @throws ApiProblem if the installation's secret was replaced since
 */
function opened(app: App, ref: IdempotentRequest, kept: string): string {
  const sealed = JSON.parse(kept) as ReturnType<Vault["seal"]>;
  const found = openUnlessLost(app.sync.vault, sealed, ownerOf(ref));
  if (found.state === "open") return found.plain;
  throw new ApiProblem("conflict", "The request was answered, but its answer cannot be opened any more.");
}
