import { createApiToken, type NewToken } from "~/features/api-tokens/tokens.server";
import type { Role } from "@domain/permissions";
import { audit } from "@db/queries/audit/audit";
import { withTenant } from "@db/client";

import type { WebWorld } from "./web";

/** A program that calls the API with one token. */
export interface ApiCaller {
  token: string;
  /** @param path below /api/v1 */
  call(method: string, path: string, options?: ApiCall): Promise<ApiAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<ApiAnswer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
}

interface ApiCall {
  body?: unknown;
  headers?: Record<string, string>;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** The body as JSON; undefined if there is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks at what came, whatever it is
  body: any;
}

export type WebTenant = Awaited<ReturnType<WebWorld["tenant"]>>;

/** Calls the API with a token, or without one. */
export function apiCaller(web: WebWorld, token: string | null): ApiCaller {
  const call = async (method: string, path: string, { body, headers = {} }: ApiCall = {}) => {
    const response = await web.fetch(`/api/v1${path}`, {
      method,
      headers: {
        ...(token !== null && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: jsonOf(text, response.headers),
    };
  };
  return {
    token: token ?? "",
    call,
    get: (path, headers) => call("GET", path, { ...(headers && { headers }) }),
    post: (path, body, headers) => call("POST", path, { body, ...(headers && { headers }) }),
  };
}

function jsonOf(text: string, headers: Headers): unknown {
  if (text === "") return undefined;
  return /\bjson\b/.test(headers.get("Content-Type") ?? "") ? JSON.parse(text) : text;
}

/** A caller with a new token of a person of the tenant; by default an administrator with every scope. */
export async function apiCallerOf(
  web: WebWorld,
  tenant: WebTenant,
  { role = "admin", ...token }: Partial<NewToken> & { role?: Role } = {},
): Promise<ApiCaller> {
  const { app } = web;
  const { id, email } = tenant.users[role];
  const outcome = await createApiToken(
    {
      app,
      tenantId: tenant.id,
      user: { id, email, name: email, role },
      inTenant: (work) => withTenant(app.db, tenant.id, work),
      audit: (tx, entry) => audit(tx, tenant.id, { userId: id, name: email, ip: null }, entry),
    },
    { kind: "personal", name: "tests", scopes: ["admin"], days: 90, ...token },
  );
  if (outcome.state !== "created") throw new Error(`no token: ${outcome.state}`);
  return apiCaller(web, outcome.token);
}
