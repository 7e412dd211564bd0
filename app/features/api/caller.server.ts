import { withTenant } from "@db/client";
import { wasCancelled } from "@db/errors";
import { audit } from "@db/queries/audit/audit";
import { hasScope } from "@domain/api-scopes";
import { allows } from "@domain/permissions";
import { bearerToken, findApiToken, type LiveApiToken } from "~/auth/api-token.server";
import { featuresOf, isAvailable } from "~/connectors/availability";
import { providerRegistry } from "~/connectors/registry";
import type { App } from "~/platform/app.server";
import { logContext } from "~/platform/log-context";

import type { ApiContext, Operation } from "./base/operation";
import { ApiProblem, problemResponse } from "./base/problem";
import { rateLimiterOf } from "./rate-limit";

/**
 * The caller of a request. Counts the request against the limit of its token.
 * @param ip the caller's address; null if the server does not know it
 * @param headers collects the headers about the rate limit
 * @throws ApiProblem without a valid token, or beyond its limit
 */
export async function enter(
  app: App,
  request: Request,
  ip: string | null,
  headers: Record<string, string>,
): Promise<LiveApiToken> {
  const live = await authenticate(app, request, ip);
  const allowance = await rateLimiterOf(app).consume(live.token.id);
  Object.assign(headers, allowance.headers);
  if (!allowance.isAllowed) {
    throw new ApiProblem("rate_limited", `Try again in ${allowance.headers["Retry-After"]} s.`);
  }
  return live;
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

/** The context that an operation gets for a request. */
export function contextOf(
  app: App,
  {
    url,
    ip,
    live,
    ifMatch,
  }: { url: URL; ip: string | null; live: LiveApiToken; ifMatch?: string | undefined },
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
    ifMatch,
  };
}

/** Why a caller may not use an operation; undefined if it may. */
export function refusalOf(
  { scope, permission, provider }: Operation,
  { token, user, features }: ApiContext,
): ApiProblem | undefined {
  if (provider !== undefined && !isAvailable(providerRegistry[provider], features)) {
    return new ApiProblem("not_found", "This does not exist here.");
  }
  if (!hasScope(token.scopes, scope)) {
    return new ApiProblem("insufficient_scope", `This needs a token with the scope “${scope}”.`);
  }
  if (!allows(user.role, permission)) {
    return new ApiProblem(
      "forbidden",
      `The role of the token's owner (${user.role}) does not allow this. An administrator can change it.`,
    );
  }
  return undefined;
}

/** The problem for an error. An unexpected error is logged, and answered without its reason. */
export function asProblem(app: App, error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (wasCancelled(error)) {
    return new ApiProblem("too_slow", "It was stopped. Narrow the filters, or try again in a moment.", {
      headers: { "Retry-After": "10" },
    });
  }
  app.log.error({ err: error }, "A request to the API failed");
  return new ApiProblem("internal", "The server's log says what, under the id of this request.");
}

/**
 * The answer of `work`, or the problem that it threw. Both get the headers collected until then, so that a refused
 * caller also learns the rate limit.
 */
export async function answerOrProblem(
  app: App,
  work: (headers: Record<string, string>) => Promise<Response>,
): Promise<Response> {
  const headers: Record<string, string> = {};
  let response: Response;
  try {
    response = await work(headers);
  } catch (error) {
    response = problemResponse(asProblem(app, error), logContext()["requestId"]);
  }
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
