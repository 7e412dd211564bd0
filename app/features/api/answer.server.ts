import { createHash } from "node:crypto";

import { endWith } from "@db/page-statements";
import type { App } from "~/platform/app.server";

import { answerOnce } from "./answer-once.server";
import { takeCsv } from "./base/csv";
import { takeFields } from "./base/fields";
import type { OperationResult } from "./base/operation";
import { ApiProblem } from "./base/problem";
import { jsonOf, readJsonBytes } from "./body.server";
import { answerOrProblem, contextOf, enter, refusalOf } from "./caller.server";
import { listAsCsv } from "./list-as-csv.server";
import { matchOperation } from "./registry";
import { parseInput, runOperation } from "./run-operation";

const BASE = "/api/v1";
const asJson = { "Content-Type": "application/json" };

/**
 * Answers a request to the API. Checks the token, its rights and the input before it runs the operation. Every refusal
 * is a problem of RFC 9457; an unexpected error is logged and answered without its reason.
 * @param ip the caller's address; null if the server does not know it
 */
export function answerApi(app: App, request: Request, ip: string | null): Promise<Response> {
  return answerOrProblem(app, (headers) => answer(app, request, ip, headers));
}

async function answer(
  app: App,
  request: Request,
  ip: string | null,
  headers: Record<string, string>,
): Promise<Response> {
  const live = await enter(app, request, ip, headers);
  const url = new URL(request.url);
  const { operation, params } = findOperation(request.method, url.pathname.slice(BASE.length));
  const caller = contextOf(app, { url, ip, live, ifMatch: versionIn(request.headers.get("If-Match")) });
  const refusal = refusalOf(operation, caller);
  if (refusal !== undefined) throw refusal;
  if (!operation.isVersioned && request.headers.has("If-Match")) {
    const message = "This has no version to compare with: leave it out.";
    throw new ApiProblem("invalid_request", message, { errors: [{ field: "headers.If-Match", message }] });
  }
  const bytes =
    operation.body === undefined ? new Uint8Array() : await readJsonBytes(request, operation.maxBodyBytes);
  const query = Object.fromEntries(url.searchParams);
  const isRead = operation.method === "GET";
  const fields = isRead ? takeFields(operation.success.schema, query) : undefined;
  const csv = isRead ? takeCsv(operation.success.schema, request.headers.get("Accept"), query) : undefined;
  if (csv !== undefined) {
    return listAsCsv(operation, caller, {
      ...csv,
      signal: request.signal,
      has: fields?.has ?? (() => true),
      inputAt: (page) =>
        parseInput(operation, { params, query: { ...query, ...page }, body: () => undefined }),
    });
  }
  const input = parseInput(operation, { params, query, body: () => jsonOf(bytes) });
  const run = () => runOperation(operation, caller, input, fields);
  if (!isRead) {
    const key = operation.method === "POST" ? request.headers.get("Idempotency-Key") : null;
    const { status, body } = await answerOnce(
      {
        app,
        tenantId: caller.tenantId,
        tokenId: live.token.id,
        key,
        isSecret: operation.showsSecret === true,
      },
      { method: request.method, path: url.pathname, bytes },
      async () => ({ status: operation.success.status, body: JSON.stringify((await run()).body) }),
    );
    return new Response(body, { status, headers: { ...asJson, "Cache-Control": "no-store" } });
  }
  const reply = await endWith(request.signal, run, caller.user.id);
  return withEtag(request, reply, operation.success.status);
}

/** The version in an ETag, without the hash of the representation that may follow it. */
const versionIn = (etag: string | null): string | undefined =>
  /^(?:W\/)?"([^"]*?)(?:~[\w-]*)?"$/.exec(etag?.trim() ?? "")?.[1];

function findOperation(method: string, path: string) {
  const match = matchOperation(method, path);
  switch (match.state) {
    case "found":
      return match;
    case "unknown_path":
      throw new ApiProblem(
        "not_found",
        `There is no ${BASE}${path}. ${BASE}/openapi.json lists what there is.`,
      );
    case "wrong_method": {
      const allowed = match.allowed.join(", ");
      throw new ApiProblem("method_not_allowed", `This address takes ${allowed}.`, {
        headers: { Allow: allowed },
      });
    }
  }
}

/** The body with an ETag, or 304 if the caller already has it (RFC 9110, 8.8.3 and 13.1.2). */
function withEtag(request: Request, { body, version }: OperationResult<unknown>, status: number): Response {
  const text = JSON.stringify(body);
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 27);
  // The hash is part of the ETag, because the version alone stays the same if the answer has other fields or a related
  // record changed.
  const etag = version === undefined ? `"${hash}"` : `"${version}~${hash}"`;
  const headers = { ETag: etag, "Cache-Control": "private, no-cache", ...asJson };
  const known = (request.headers.get("If-None-Match") ?? "").split(",").map((one) => one.trim());
  if (known.some((one) => one.replace(/^W\//, "") === etag || one === "*")) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === "HEAD" ? null : text, { status, headers });
}
