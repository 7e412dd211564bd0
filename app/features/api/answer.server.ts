import { createHash } from "node:crypto";

import { withTenant } from "@db/client";
import { wasCancelled } from "@db/errors";
import { endWith } from "@db/page-statements";
import { audit } from "@db/queries/audit/audit";
import { hasScope } from "@domain/api-scopes";
import { allows } from "@domain/permissions";
import { bearerToken, findApiToken, type LiveApiToken } from "~/auth/api-token.server";
import { featuresOf, isAvailable } from "~/connectors/availability";
import { providerRegistry } from "~/connectors/registry";
import type { App } from "~/platform/app.server";
import { readBytes } from "~/platform/http/read-bytes.server";
import { logContext } from "~/platform/log-context";

import { answerOnce } from "./answer-once.server";
import { listAsCsv } from "./list-as-csv.server";
import type { ApiContext, Operation, OperationResult } from "./base/operation";
import { takeCsv } from "./base/csv";
import { takeFields } from "./base/fields";
import { ApiProblem, fieldProblems, problemResponse } from "./base/problem";
import { rateLimiterOf } from "./rate-limit";
import { matchOperation } from "./registry";

const BASE = "/api/v1";
const MAX_BODY_BYTES = 1024 * 1024;
const asJson = { "Content-Type": "application/json" };

/**
 * Answers a request to the API: whose it is by its token, whether it may, what it asks for, and only then the
 * operation. Every refusal is a problem of RFC 9457; a fault is logged and answered without its reason.
 * @param ip the address of the caller, if the server knows it
 */
export async function answerApi(app: App, request: Request, ip: string | null): Promise<Response> {
  const headers: Record<string, string> = {};
  let response: Response;
  try {
    response = await answer(app, request, ip, headers);
  } catch (error) {
    response = problemResponse(asProblem(app, request, error), logContext()["requestId"]);
  }
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

async function answer(
  app: App,
  request: Request,
  ip: string | null,
  headers: Record<string, string>,
): Promise<Response> {
  const live = await authenticate(app, request, ip);
  const allowance = await rateLimiterOf(app).consume(live.token.id);
  Object.assign(headers, allowance.headers);
  if (!allowance.isAllowed) {
    throw new ApiProblem("rate_limited", `Try again in ${allowance.headers["Retry-After"]} s.`);
  }
  const url = new URL(request.url);
  const { operation, params } = findOperation(request.method, url.pathname.slice(BASE.length));
  const caller = contextOf(app, request, { url, ip, live });
  permit(operation, caller);
  if (!operation.isVersioned && request.headers.has("If-Match")) {
    const message = "This has no version to compare with: leave it out.";
    throw new ApiProblem("invalid_request", message, { errors: [{ field: "headers.If-Match", message }] });
  }
  const bytes =
    operation.body === undefined ? new Uint8Array() : await readBody(request, operation.maxBodyBytes);
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
        parseInput(operation, { params, query: { ...query, ...page }, bytes: new Uint8Array() }),
    });
  }
  const input = parseInput(operation, { params, query, bytes });
  const run = async (): Promise<OperationResult<unknown>> => {
    const reply = await operation.run(caller, input);
    // What the document does not describe is not sent.
    const body = operation.success.schema.parse(reply.body);
    return { ...reply, body: fields === undefined ? body : fields.pick(body) };
  };
  if (!isRead) {
    const key = operation.method === "POST" ? request.headers.get("Idempotency-Key") : null;
    const { status, body } = await answerOnce(
      { app, tenantId: caller.tenantId, tokenId: live.token.id, key },
      { method: request.method, path: url.pathname, bytes },
      async () => ({ status: operation.success.status, body: JSON.stringify((await run()).body) }),
    );
    return new Response(body, { status, headers: { ...asJson, "Cache-Control": "no-store" } });
  }
  const reply = await endWith(request.signal, run);
  return withEtag(request, reply, operation.success.status);
}

async function authenticate(app: App, request: Request, ip: string | null): Promise<LiveApiToken> {
  const token = bearerToken(request);
  const live = token === null ? null : await findApiToken(app, token, ip);
  if (live !== null) return live;
  const [detail, challenge] =
    token === null
      ? [
          "Send a token as “Authorization: Bearer plumbline_…”; tokens are made under Settings, API tokens.",
          "",
        ]
      : ["This token is unknown, expired or revoked.", ', error="invalid_token"'];
  throw new ApiProblem("unauthenticated", detail, {
    headers: { "WWW-Authenticate": `Bearer realm="plumbline"${challenge}` },
  });
}

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

function contextOf(
  app: App,
  request: Request,
  { url, ip, live }: { url: URL; ip: string | null; live: LiveApiToken },
): ApiContext {
  const { token, user, tenant, flagOverrides } = live;
  const name =
    token.kind === "service" ? `${token.name} (service token)` : `${user.email} by the token “${token.name}”`;
  const actor = { userId: user.id, name, ip };
  return {
    app,
    url,
    ip,
    tenant,
    tenantId: tenant.id,
    user,
    token,
    actor,
    features: featuresOf(app.config, flagOverrides),
    inTenant: (work) => withTenant(app.db, tenant.id, work),
    audit: (tx, entry) => audit(tx, tenant.id, actor, entry),
    ifMatch: versionIn(request.headers.get("If-Match")),
  };
}

/** The version in an ETag, which may name the representation behind it. */
const versionIn = (etag: string | null): string | undefined =>
  /^(?:W\/)?"([^"]*?)(?:~[\w-]*)?"$/.exec(etag?.trim() ?? "")?.[1];

function permit({ scope, permission, provider }: Operation, { token, user, features }: ApiContext): void {
  if (provider !== undefined && !isAvailable(providerRegistry[provider], features)) {
    throw new ApiProblem("not_found", "This does not exist here.");
  }
  if (!hasScope(token.scopes, scope)) {
    throw new ApiProblem("insufficient_scope", `This needs a token with the scope “${scope}”.`);
  }
  if (!allows(user.role, permission)) {
    throw new ApiProblem(
      "forbidden",
      `The role of the token's owner (${user.role}) does not allow this. An administrator can change it.`,
    );
  }
}

async function readBody(request: Request, limit = MAX_BODY_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    throw new ApiProblem("unsupported_media_type", "Send the body as application/json.");
  }
  const bytes = await readBytes(request, limit);
  if (bytes === null) {
    const message = `A body may have ${limit / MAX_BODY_BYTES} MB at most. Nothing was changed.`;
    throw new ApiProblem("too_large", message);
  }
  return bytes;
}

function parseInput(
  { params: paramsSchema, query: querySchema, body: bodySchema }: Operation,
  { params, query, bytes }: Record<"params" | "query", Record<string, string>> & { bytes: Uint8Array },
) {
  const parts = [
    ["params", paramsSchema, params],
    ["query", querySchema, query],
    ["body", bodySchema, bodySchema === undefined ? undefined : jsonOf(bytes)],
  ] as const;
  const input: Record<"params" | "query" | "body", unknown> = {
    params: undefined,
    query: undefined,
    body: undefined,
  };
  for (const [where, schema, value] of parts) {
    if (schema === undefined) continue;
    const parsed = schema.safeParse(value);
    if (!parsed.success) refuse(where, fieldProblems(where, parsed.error));
    input[where] = parsed.data;
  }
  const [name] = Object.keys(query);
  if (querySchema === undefined && name !== undefined) {
    refuse("query", [{ field: `query.${name}`, message: "This operation takes no parameters." }]);
  }
  return input;
}

function refuse(where: string, errors: { field: string; message: string }[]): never {
  const [first] = errors;
  // An id that cannot be anything's id names nothing.
  if (where === "params") throw new ApiProblem("not_found", "There is nothing with this id.");
  throw new ApiProblem("invalid_request", `${first?.field ?? where}: ${first?.message ?? ""}`, { errors });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ApiProblem("invalid_request", "The body is no JSON.");
  }
}

/** The body with its version, or 304 to a caller that has it already (RFC 9110, 8.8.3 and 13.1.2). */
function withEtag(request: Request, { body, version }: OperationResult<unknown>, status: number): Response {
  const text = JSON.stringify(body);
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 27);
  // The version alone would be the same for an answer with other fields, or of something else that changed with it.
  const etag = version === undefined ? `"${hash}"` : `"${version}~${hash}"`;
  const headers = { ETag: etag, "Cache-Control": "private, no-cache", ...asJson };
  const known = (request.headers.get("If-None-Match") ?? "").split(",").map((one) => one.trim());
  if (known.some((one) => one.replace(/^W\//, "") === etag || one === "*")) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === "HEAD" ? null : text, { status, headers });
}

function asProblem(app: App, request: Request, error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (wasCancelled(error)) {
    return new ApiProblem("too_slow", "It was stopped. Narrow the filters, or try again in a moment.", {
      headers: { "Retry-After": "10" },
    });
  }
  app.log.error({ err: error, method: request.method }, "A request to the API failed");
  return new ApiProblem("internal", "The server's log says what, under the id of this request.");
}
