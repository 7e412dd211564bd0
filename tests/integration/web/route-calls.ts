import type { Access, Requirement } from "~/auth/guard.server";
import type { Browser, RouteOfBuild, WebWorld } from "@tests/support/web";

/** A loader, or one intent of an action (empty if the action has only one). */
export interface Handler extends Requirement {
  route: RouteOfBuild;
  kind: "loader" | "action";
  intent: string;
  /** For the message of a failure. */
  what: string;
}

export const accessOf = (handler: unknown): Access | undefined =>
  (handler as { access?: Access } | undefined)?.access;

/** Every guarded loader and intent, one by one. */
export function guardedHandlers({ routes }: Pick<WebWorld, "routes">): Handler[] {
  const handlers: Handler[] = [];
  for (const route of Object.values(routes)) {
    for (const kind of ["loader", "action"] as const) {
      const access = accessOf(route.module[kind]);
      if (access === undefined || access.kind === "open") continue;
      const requirements = access.kind === "permission" ? { "": access } : access.intents;
      for (const [intent, { permission, provider }] of Object.entries(requirements)) {
        const what = `${route.id} ${kind} ${intent}`.trim();
        handlers.push({ route, kind, intent, permission, what, ...(provider && { provider }) });
      }
    }
  }
  return handlers;
}

/** The parameters in the address of a route: `:assetId`. */
export const paramsOf = ({ address }: RouteOfBuild): string[] =>
  [...address.matchAll(/:(\w+)/g)].map(([, name]) => name!);

export interface Call {
  /** Values of the address's parameters; an unknown id by default. */
  params?: Partial<Record<string, string>>;
  query?: Record<string, string>;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sends a form as a browser without scripts does: the answer is a whole page. */
  asDocument?: boolean;
}

/** Calls one route alone, as the browser's own code does. */
export function call(browser: Browser, { route, kind, intent }: Handler, options: Call = {}) {
  const { params = {}, query = {}, fields = {}, headers = {}, asDocument = false } = options;
  const path = route.address
    .replace(/:(\w+)/g, (_, name: string) => params[name] ?? "0193a0f2-0000-7000-8000-000000000000")
    .replace("*", "no/such/page");
  const target = new URL(path, "http://any");
  if (route.isIndex) target.searchParams.set("index", "");
  if ("default" in route.module && !asDocument) target.searchParams.set("_data", route.id);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  const address = target.pathname + target.search;
  if (kind === "loader") return browser.get(address, headers);
  return browser.post(address, { ...(intent === "" ? {} : { intent }), ...fields }, headers);
}
