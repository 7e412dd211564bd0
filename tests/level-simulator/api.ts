import type { IncomingMessage, ServerResponse } from "node:http";
import type { Account } from "./account";
import type { Accounts, Caller } from "./accounts";
import type { Budget } from "./budget";
import type { Fault, Faults } from "./faults";
import { HttpError } from "./http-error";
import type { Latency } from "./latency";
import { KNOWN_PARAMS, listPage, notFound, singleRecord, type ListPage } from "./listing";
import { RESOURCES, type Resource } from "./records";
import type { LoggedRequest, Stats } from "./stats";

const JSON_TYPE = "application/json; charset=utf-8";
const LIST_PARAMS = ["limit", "starting_after", "ending_before"];

export interface ApiOptions {
  accounts: Accounts;
  faults: Faults;
  stats: Stats;
  latency: Latency;
  budget: Budget;
}

interface Answer {
  status: number;
  body: string;
  contentType?: string;
  headers?: Record<string, string>;
}

interface Asked {
  method: string;
  route: Route;
  request: IncomingMessage;
  body: string;
}

interface Route {
  resource: Resource | null;
  id: string | null;
  action: string | null;
  params: URLSearchParams;
}

/** Answers `/v2/…` as Level's API does, unless a fault is set. */
export function createApi(options: ApiOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { accounts, faults, stats, latency, budget } = options;

  return (request, response) => {
    const method = request.method ?? "GET";
    const url = request.url ?? "/";
    const route = routeOf(url);
    const logged = stats.started(method, url, route.resource);
    response.once("close", () => (stats.inFlight -= 1));
    const { fault, delayMs } = faults.draw(route.resource, route.id === null ? "list" : "item");
    if (fault) stats.struck(fault.kind);
    let body = "";
    const reply = () => {
      if (!response.destroyed)
        send(response, fault, answer({ method, route, request, body }, fault), stats, logged);
    };
    const soon = () => latency.delay(delayMs, reply);
    if (method === "GET") {
      request.resume();
      return soon();
    }
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.once("end", soon);
  };

  function answer({ method, route, request, body }: Asked, fault: Fault | null): Answer {
    const instead = fault && answerInstead(fault);
    if (instead) return instead;
    try {
      const isTrigger = method === "POST" && route.resource === "automations";
      const caller = isTrigger ? callerOrNone(request) : callerOf(request.headers.authorization);
      const waitSeconds = budget.spend(caller?.number ?? 0);
      if (waitSeconds > 0) return tooMany({ "retry-after": String(waitSeconds) });
      if (isTrigger) return startAutomation(route, caller, body);
      return answerRoute(method, route, caller!, fault);
    } catch (error) {
      if (error instanceof HttpError) return errorAnswer(error.status, error.message);
      throw error;
    }
  }

  function callerOf(authorization: string | undefined): Caller {
    const caller = authorization === undefined ? undefined : accounts.callerOf(authorization);
    if (caller === undefined) throw new HttpError(401, "Access denied");
    return caller;
  }

  /** A trigger that requires no authorization accepts a call without a key: its token belongs to the first account. */
  function callerOrNone({ headers: { authorization } }: IncomingMessage): Caller | null {
    return authorization === undefined ? null : callerOf(authorization);
  }

  function startAutomation({ id, action }: Route, caller: Caller | null, body: string): Answer {
    const { automations } = caller?.account ?? accounts.first;
    const trigger = id === "webhooks" && action !== null ? automations.triggers.get(action) : undefined;
    if (trigger === undefined) throw notFound();
    if (trigger.requiresAuthorization && caller === null) throw new HttpError(401, "Access denied");
    if (trigger.requiresAuthorization && caller?.access === "read") throw new HttpError(403, "Forbidden");
    automations.start(action!, body);
    return ok("{}");
  }

  function answerRoute(
    method: string,
    route: Route,
    { account, access }: Caller,
    fault: Fault | null,
  ): Answer {
    const { resource, id, action, params } = route;
    if (!resource) throw notFound();
    if (method === "POST" && resource === "alerts" && id !== null && action === "resolve") {
      if (access === "read") throw new HttpError(403, "Forbidden");
      if (!account.alerts.has(id)) throw notFound();
      return ok(JSON.stringify(account.resolveAlert(id)));
    }
    if (method !== "GET" || action !== null) throw notFound();
    countUnknownParams(resource, params);
    if (id !== null) return ok(singleRecord(account, resource, id, params));

    const page = bend(account, resource, params, fault);
    stats.pages += 1;
    stats.records += page.texts.length;
    faults.pageBuilt(resource, account);
    return ok(`{"data":[${page.texts.join(",")}],"has_more":${page.hasMore}}`);
  }

  function bend(
    account: Account,
    resource: Resource,
    params: URLSearchParams,
    fault: Fault | null,
  ): ListPage {
    switch (fault?.kind) {
      case "empty_list":
        return { texts: [], hasMore: false };
      case "empty_with_more":
        return { texts: [], hasMore: true };
      case "repeat_cursor":
        return listPage(account, resource, params, { repeatCursor: true });
      case "half_list":
        return listPage(account, resource, params, { share: fault.share });
      case "no_ids":
        return { texts: listPage(account, resource, params).texts.map(withoutId), hasMore: true };
      default:
        return listPage(account, resource, params);
    }
  }

  function countUnknownParams(resource: Resource, params: URLSearchParams): void {
    for (const name of params.keys())
      if (!LIST_PARAMS.includes(name) && !KNOWN_PARAMS[resource].includes(name))
        stats.unknownParams[name] = (stats.unknownParams[name] ?? 0) + 1;
  }
}

function routeOf(url: string): Route {
  const question = url.indexOf("?");
  const path = question < 0 ? url : url.slice(0, question);
  const params = new URLSearchParams(question < 0 ? "" : url.slice(question + 1));
  const [empty, version, name, id, action, ...rest] = path.split("/");
  const known = empty === "" && version === "v2" && rest.length === 0;
  const resource = known ? RESOURCES.find((candidate) => candidate === name) : undefined;
  return { resource: resource ?? null, id: decoded(id), action: action ?? null, params };
}

function decoded(segment: string | undefined): string | null {
  if (segment === undefined) return null;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The faults that replace the normal answer. */
function answerInstead(fault: Fault): Answer | null {
  switch (fault.kind) {
    case "rate_limit":
      return tooMany(retryAfterHeader(fault.retryAfter));
    case "forbidden":
      return errorAnswer(403, "Forbidden");
    case "html":
      return {
        status: 200,
        body: "<!doctype html><html><head><title>Level</title></head><body>Sign in</body></html>",
        contentType: "text/html; charset=utf-8",
      };
    case "status":
      return {
        status: fault.status,
        body:
          fault.body ?? JSON.stringify({ error: fault.status === 401 ? "Access denied" : "Simulated error" }),
        contentType: fault.contentType,
        headers: fault.headers,
      };
    default:
      return null;
  }
}

function retryAfterHeader(
  value: number | string | { seconds: number; form: "date" } | undefined,
): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object") return { "retry-after": String(value) };
  // An HTTP date has whole seconds: rounded up, so that a client that waits until then has waited long enough.
  const at = Math.ceil((Date.now() + value.seconds * 1000) / 1000) * 1000;
  return { "retry-after": new Date(at).toUTCString() };
}

const ok = (body: string): Answer => ({ status: 200, body });
const errorAnswer = (status: number, error: string): Answer => ({ status, body: JSON.stringify({ error }) });
const tooMany = (headers: Record<string, string>): Answer => ({
  ...errorAnswer(429, "Rate limit exceeded"),
  headers,
});

function withoutId(text: string): string {
  const record = JSON.parse(text) as Record<string, unknown> | null;
  if (record && typeof record === "object") delete record.id;
  return JSON.stringify(record);
}

function send(
  response: ServerResponse,
  fault: Fault | null,
  answer: Answer,
  stats: Stats,
  logged: LoggedRequest,
): void {
  const broken = fault?.kind === "reset" || fault?.kind === "hang" ? fault : null;
  if (broken?.when === "before") {
    if (broken.kind === "reset") response.socket?.resetAndDestroy();
    return;
  }
  const whole = Buffer.from(answer.body, "utf8");
  const body = fault?.kind === "cut_json" ? whole.subarray(0, Math.floor(whole.length / 2)) : whole;
  response.writeHead(answer.status, {
    "content-type": answer.contentType ?? JSON_TYPE,
    "content-length": body.length,
    ...answer.headers,
  });
  if (broken) {
    const half = body.subarray(0, Math.floor(body.length / 2));
    response.write(half, () => {
      if (broken.kind === "reset") response.socket?.destroy();
    });
    return;
  }
  response.end(body);
  stats.answered(logged, answer.status, body.length);
}
