import { redirect, type LoaderFunctionArgs } from "@remix-run/node";

import { withTenant, type TenantDb } from "@db/client";
import { wasCancelled } from "@db/errors";
import { endWith } from "@db/page-statements";
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import { allows, type Permission } from "@domain/permissions";
import { featuresOf, isAvailable, type Features } from "~/connectors/availability";
import { providerRegistry, type ProviderKey } from "~/connectors/registry";
import { actorOf } from "~/platform/actor";
import { getApp, type App } from "~/platform/app.server";
import { readForm } from "~/platform/http/body.server";

import { isSameOrigin } from "./same-origin.server";
import { findSession, readSessionToken, type LiveSession } from "./session.server";
import { csrfTokenOf, sameToken } from "./tokens.server";

export interface Requirement {
  permission: Permission;
  /** The route exists only for tenants that have this provider (edition and feature flag); 404 otherwise. */
  provider?: ProviderKey;
}

/** What every handler gets. */
export interface OpenContext {
  app: App;
  request: Request;
  url: URL;
  params: LoaderFunctionArgs["params"];
  /** The caller's address; null if the server does not know it. */
  ip: string | null;
  /** The body of an action, read with a cap. Empty in a loader. */
  form: FormData;
}

export interface Context extends OpenContext {
  user: LiveSession["user"];
  tenant: LiveSession["tenant"];
  tenantId: string;
  session: LiveSession["session"];
  /** The features that this tenant has. */
  features: Features;
  /** Runs `work` in a transaction that sees the rows of this tenant alone. */
  inTenant<T>(work: (tx: TenantDb) => Promise<T>): Promise<T>;
  /** Audits that this person did something, in the transaction that does it. */
  audit(tx: TenantDb, entry: AuditEntry): Promise<void>;
}

export interface Intent<T> extends Requirement {
  run: (context: Context) => Promise<T>;
}

/** What a route requires of its caller. Kept on the wrapped function, where a test reads it for every route. */
export type Access =
  | { kind: "open"; why: string }
  | ({ kind: "permission" } & Requirement)
  | { kind: "intents"; intents: Record<string, Requirement> };

type Args = Pick<LoaderFunctionArgs, "request" | "params" | "context">;
type Wrapped<T> = ((args: Args) => Promise<T>) & { access: Access };

const isChange = (request: Request) => request.method !== "GET" && request.method !== "HEAD";

/**
 * The wrapper around every loader and action of signed-in people. Checks session, permission and provider, for an
 * action also origin, size and CSRF token, and only then calls the handler.
 *
 * Mark each call of a wrapper as pure: otherwise the compiler leaves loaders and actions, and what they import, in the
 * browser's bundle, where this module is empty.
 * @throws Response a redirect to sign-in (401 for scripts that accept no page), 403, 404, 413, 415
 */
export function guarded<T>(requirement: Requirement, handler: (context: Context) => Promise<T>): Wrapped<T> {
  const run = async (args: Args): Promise<T> => {
    const signedIn = await enter(args);
    permit(signedIn, requirement);
    return isChange(args.request)
      ? handler(signedIn)
      : asPage(args.request, signedIn.user.id, () => handler(signedIn));
  };
  return Object.assign(run, { access: { kind: "permission", ...requirement } satisfies Access });
}

/** Several actions at one address: the form's `intent` names the action, and each has a permission of its own. */
export function guardedIntents<T extends Record<string, Intent<unknown>>>(
  intents: T,
): Wrapped<Awaited<ReturnType<T[keyof T]["run"]>>> {
  type Result = Awaited<ReturnType<T[keyof T]["run"]>>;
  const run = async (args: Args): Promise<Result> => {
    const signedIn = await enter(args);
    const name = signedIn.form.get("intent");
    const intent = typeof name === "string" && Object.hasOwn(intents, name) ? intents[name] : undefined;
    if (intent === undefined)
      throw new Response("This form is not recognised. Load the page again.", { status: 400 });
    permit(signedIn, intent);
    return (await intent.run(signedIn)) as Result;
  };
  return Object.assign(run, { access: { kind: "intents", intents } satisfies Access });
}

/**
 * A route for any visitor, signed in or not. An action still refuses forms from other sites.
 * @param why the reason why no sign-in is needed
 */
export function open<T>(why: string, handler: (context: OpenContext) => Promise<T>): Wrapped<T> {
  const run = async (args: Args): Promise<T> => handler(await readRequest(args, await getApp()));
  return Object.assign(run, { access: { kind: "open", why } satisfies Access });
}

/**
 * Reads the data of a page when it is this reader's turn. Stops if the reader leaves or the reading takes too long.
 * @throws Response 503 if the reading took too long
 */
async function asPage<T>({ signal }: Request, userId: string, read: () => Promise<T>): Promise<T> {
  try {
    return await endWith(signal, read, userId);
  } catch (error) {
    if (!wasCancelled(error)) throw error;
    throw new Response(
      "This took too long, so it was stopped. Narrow the search or the filters, or try again in a moment.",
      { status: 503, headers: { "Retry-After": "10" } },
    );
  }
}

async function enter(args: Args): Promise<Context> {
  const app = await getApp();
  const live = await findSession(app, args.request);
  if (live === null) throw await toSignIn(args.request, app);
  const context = await readRequest(args, app);
  if (isChange(args.request)) {
    const sent = context.form.get("csrf");
    if (typeof sent !== "string" || !sameToken(sent, csrfTokenOf(live.token))) {
      throw new Response(
        "This page was opened under another sign-in. Load it again, then repeat what you did.",
        {
          status: 403,
        },
      );
    }
  }
  const { user, tenant, session, flagOverrides } = live;
  return {
    ...context,
    user,
    tenant,
    session,
    features: featuresOf(app.config, flagOverrides),
    tenantId: tenant.id,
    inTenant: (work) => withTenant(app.db, tenant.id, work),
    audit: (tx, entry) => audit(tx, tenant.id, actorOf({ user, ip: context.ip }), entry),
  };
}

async function readRequest({ request, params, context }: Args, app: App): Promise<OpenContext> {
  if (isChange(request) && !isSameOrigin(request, app.config.publicUrl)) {
    throw new Response(
      `This form was not sent from ${app.config.publicUrl}, so nothing was done. If that is not the address in your ` +
        "browser, whoever runs the server sets PUBLIC_URL to the one that is.",
      { status: 403 },
    );
  }
  const { clientIp } = context as { clientIp?: unknown };
  return {
    app,
    request,
    url: new URL(request.url),
    params,
    ip: typeof clientIp === "string" ? clientIp : null,
    form: isChange(request) ? await readForm(request) : new FormData(),
  };
}

const isThere = ({ features }: Context, { provider }: Requirement): boolean =>
  provider === undefined || isAvailable(providerRegistry[provider], features);

/** Whether the guard would let this person through, so that a page leaves out what it would refuse. */
export const permits = (context: Context, requirement: Requirement): boolean =>
  isThere(context, requirement) && allows(context.user.role, requirement.permission);

function permit(context: Context, requirement: Requirement): void {
  const { user } = context;
  // A provider that this tenant lacks does not exist, for any role.
  if (!isThere(context, requirement)) throw notFound();
  if (!allows(user.role, requirement.permission)) {
    throw new Response(`Your role (${user.role}) does not allow this. An administrator can change it.`, {
      status: 403,
    });
  }
}

/** Redirects to the sign-in page, which leads back to this page and says if the session has ended. */
async function toSignIn(request: Request, { config }: App): Promise<Response> {
  // A script that requests data cannot show a page, and its address is not a page to return to.
  const takesPages = /text\/html|\*\/\*/.test(request.headers.get("Accept") ?? "*/*");
  if (!takesPages) return new Response(null, { status: 401 });
  const page = isChange(request) ? pageOfForm(request, config.publicUrl) : new URL(request.url);
  const asked = new URLSearchParams();
  const next = page === null ? null : pathOf(page);
  if (next !== null) asked.set("next", next);
  if ((await readSessionToken(config, request)) !== null)
    asked.set("ended", isChange(request) ? "unsaved" : "idle");
  return redirect(asked.size > 0 ? `/sign-in?${asked}` : "/sign-in");
}

/** The page that a form was sent from; null if the browser does not name it or another site sent the form. */
function pageOfForm(request: Request, publicUrl: string): URL | null {
  const referrer = request.headers.get("Referer");
  if (referrer === null || !URL.canParse(referrer)) return null;
  const page = new URL(referrer);
  return [request.url, publicUrl].some((ours) => new URL(ours).host === page.host) ? page : null;
}

/** The address of a page; null for a download, and for the overview, where sign-in leads anyway. */
function pathOf({ pathname, searchParams }: URL): string | null {
  if (pathname === "/" || /\.\w+$/.test(pathname)) return null;
  const params = new URLSearchParams(searchParams);
  // Remix adds these parameters to data requests; they are not part of the page's address.
  params.delete("_data");
  params.delete("index");
  const query = params.size > 0 ? `?${params}` : "";
  return pathname + query;
}

/** 404 for a record that does not exist and for one of another tenant, so that nobody can distinguish the two. */
export const notFound = (what = "This page does not exist or was removed."): Response =>
  new Response(what, { status: 404, statusText: "Not Found" });

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether the text is a UUID, so that it can be compared with an id in the database. */
export const isId = (text: unknown): text is string => typeof text === "string" && UUID.test(text);

/**
 * The id in a path.
 * @throws Response 404 if it is not a UUID, because no record can have it
 */
export function idParam(params: OpenContext["params"], name: string): string {
  const value = params[name];
  if (!isId(value)) throw notFound();
  return value.toLowerCase();
}
