import type { Exchange, ExchangeOutcome, ExchangeRequest } from "~/platform/outgoing/exchange";

import type { HttpConfig, HttpSecrets, TicketRequest } from "./http-config";
import { presetOf } from "./presets";
import type { TokenStore } from "~/platform/outgoing/oauth-tokens";
import { render, textAt, valueAt, type TemplateView } from "./templates";
import type {
  CompaniesOutcome,
  FindOutcome,
  OpenedTicket,
  OpenOutcome,
  Refused,
  TellOutcome,
  TicketAdapter,
  TicketCompany,
  TicketRef,
  TicketText,
  Unknown,
} from "./ticket-port";

export interface HttpAdapterDeps {
  exchange: Exchange;
  tokens: TokenStore;
  /** Identifies one version of one system's settings, so that no other version or system uses its token. */
  tokenKey: string;
}

/** A helpdesk or PSA that is called by the templates in its settings. */
export function createHttpAdapter(
  deps: HttpAdapterDeps,
  config: HttpConfig,
  secrets: HttpSecrets,
): TicketAdapter {
  const base = { address: config.address, field: config.fields, secret: secrets };
  const viewOf = (ticket: TicketText | TicketRef, more: TemplateView = {}): TemplateView => ({
    ...base,
    ...ticket,
    client: clientView(ticket),
    // For a priority: {{#is.critical}}1{{/is.critical}}.
    is: { [ticket.severity]: true },
    id: "externalId" in ticket ? ticket.externalId : "",
    ...more,
  });

  const ask = async (request: TicketRequest, view: TemplateView, key?: string): Promise<ExchangeOutcome> => {
    const prepared = prepare(config, request, view);
    if ("reason" in prepared) return { state: "failed", reason: prepared.reason, isUnsent: true };
    if (key !== undefined && config.keyHeader !== "") prepared.headers[config.keyHeader] = key;
    for (let isFresh = false; ; isFresh = true) {
      const refusal = await authorize(deps, config, view, prepared, isFresh);
      if (refusal !== undefined) return refusal;
      const outcome = await deps.exchange(prepared);
      const isTokenOver = outcome.state === "answered" && outcome.status === 401;
      if (!isTokenOver || config.auth.kind !== "oauth2" || isFresh) return outcome;
    }
  };

  const tell = async (
    request: TicketRequest | null,
    ticket: TicketRef,
    text: string,
  ): Promise<TellOutcome> => {
    if (request === null) return { state: "done" };
    const outcome = read(await ask(request, viewOf(ticket, { text })), secrets);
    return outcome.state === "answer" ? { state: "done" } : outcome;
  };

  const opened = (
    answer: unknown,
    paths: { idPath: string; numberPath: string },
  ): OpenedTicket | undefined => {
    const id = textAt(answer, paths.idPath);
    if (id === undefined) return undefined;
    const number = paths.numberPath === "" ? null : (textAt(answer, paths.numberPath) ?? null);
    const url =
      config.link === "" ? null : render(config.link, { ...base, id, number: number ?? id }, "address");
    return {
      state: "opened",
      externalId: id,
      number,
      url: url === null ? null : absolute(config.address, url),
    };
  };

  return {
    recovery: config.keyHeader !== "" ? "key" : config.find !== null ? "search" : "none",

    async open(ticket): Promise<OpenOutcome> {
      const outcome = read(await ask(config.open, viewOf(ticket), ticket.ticketId), secrets);
      if (outcome.state !== "answer") return outcome;
      return (
        opened(outcome.answer, config) ?? {
          state: "unknown",
          reason: `the answer names no ticket at "${config.idPath}"`,
        }
      );
    },

    async find(ticket): Promise<FindOutcome> {
      if (config.find === null) return { state: "unknown", reason: "this system cannot be searched" };
      const { find } = config;
      const outcome = read(await ask(find, viewOf(ticket)), secrets);
      if (outcome.state !== "answer") return outcome;
      const list = valueAt(outcome.answer, find.listPath);
      const all = Array.isArray(list) ? list : isEmptyAnswer(list) ? [] : undefined;
      if (all === undefined)
        return { state: "unknown", reason: `the answer has no list at "${find.listPath}"` };
      // However the search interprets the mark, the ticket itself contains it.
      const match = all.find((one) => JSON.stringify(one).includes(ticket.reference));
      const found = match === undefined ? undefined : opened(match, find);
      if (found !== undefined) return found;
      if (match !== undefined) return { state: "unknown", reason: "the ticket that was found has no id" };
      return find.pageSize > 0 && all.length >= find.pageSize
        ? { state: "unknown", reason: "too many tickets are listed to say that it is not among them" }
        : { state: "none" };
    },

    comment: (ticket, text) => tell(config.comment, ticket, text),

    async close(ticket, text) {
      if (config.close === null) return tell(config.comment, ticket, text);
      // A closing request that has no place for text is preceded by a comment.
      if (!config.close.body.includes("{{text}}")) {
        const commented = await tell(config.comment, ticket, text);
        if (commented.state !== "done") return commented;
      }
      return tell(config.close, ticket, text);
    },

    async companies(): Promise<CompaniesOutcome> {
      const companies = config.companies ?? presetOf(config.preset).requests.companies ?? null;
      if (companies === null)
        return { state: "refused", kind: "declined", reason: "it cannot be asked for a list" };
      const outcome = read(await ask(companies, { ...base }), secrets);
      if (outcome.state !== "answer") return outcome;
      const list = valueAt(outcome.answer, companies.listPath);
      if (!Array.isArray(list))
        return { state: "unknown", reason: `the answer has no list at "${companies.listPath}"` };
      const listed = (list as unknown[]).slice(0, MAX_COMPANIES).flatMap((one): TicketCompany | [] => {
        const id = textAt(one, companies.idPath);
        return id === undefined ? [] : { id, name: textAt(one, companies.namePath) ?? id };
      });
      return { state: "listed", companies: listed };
    },

    async test(): Promise<TellOutcome> {
      if (config.test === null)
        return { state: "refused", kind: "declined", reason: "no request is set for a test" };
      const outcome = read(await ask(config.test, { ...base }), secrets);
      return outcome.state === "answer" ? { state: "done" } : outcome;
    },
  };
}

/** `{{client}}` is the client's name, `{{client.companyId}}` its id in the ticket system. */
const clientView = ({ client, companyId }: TicketText) =>
  client === null ? null : { name: client, companyId: companyId ?? "", toString: () => client };

const MAX_COMPANIES = 5_000;

const isEmptyAnswer = (list: unknown): boolean => list === null || list === undefined || list === "";

/** A link as a full address; it may be a path of the system's address. Null if it is neither. */
function absolute(address: string, link: string): string | null {
  const url = URL.canParse(link, address) ? new URL(link, address) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) ? url.href : null;
}

function prepare(
  config: HttpConfig,
  request: TicketRequest,
  view: TemplateView,
): ExchangeRequest | { reason: string } {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers)) headers[name] = render(value, view, "plain");
  const url = `${config.address.replace(/\/$/, "")}/${render(request.path, view, "address").replace(/^\/+/, "")}`;
  if (request.body.trim() === "") return { method: request.method, url, headers };
  const body = render(request.body, view, "json");
  try {
    JSON.parse(body);
  } catch {
    return { reason: "the template of its body makes no JSON" };
  }
  headers["Content-Type"] ??= "application/json";
  return { method: request.method, url, headers, body };
}

/** Adds the authorization to a request. Returns why that is not possible; undefined if it is done. */
async function authorize(
  { exchange, tokens, tokenKey }: HttpAdapterDeps,
  { auth }: HttpConfig,
  view: TemplateView,
  request: ExchangeRequest,
  isFresh: boolean,
): Promise<ExchangeOutcome | undefined> {
  if (auth.kind === "none") return undefined;
  if (auth.kind === "basic") {
    const pair = `${render(auth.user, view, "plain")}:${render(auth.password, view, "plain")}`;
    request.headers["Authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
    return undefined;
  }
  const secret = (view["secret"] as HttpSecrets)["clientSecret"] ?? "";
  const token = await tokens.get(exchange, tokenKey, {
    address: render(auth.tokenAddress, view, "plain"),
    clientId: render(auth.clientId, view, "plain"),
    clientSecret: secret,
    scope: auth.scope,
    isFresh,
  });
  if (token.state === "refused") return token.outcome;
  request.headers["Authorization"] = `Bearer ${token.token}`;
  return undefined;
}

const MAX_REASON = 300;

/**
 * The meaning of an answer. If a 2xx is not JSON, the request may have been carried out, and nobody knows what it did.
 */
function read(
  outcome: ExchangeOutcome,
  secrets: HttpSecrets,
): { state: "answer"; answer: unknown } | Refused | Unknown {
  if (outcome.state === "failed") {
    const { reason, isUnsent } = outcome;
    return isUnsent ? { state: "refused", kind: "away", reason } : { state: "unknown", reason };
  }
  const { status, body, retryAfterMs } = outcome;
  if (status >= 200 && status < 300) {
    if (body.trim() === "") return { state: "answer", answer: null };
    try {
      return { state: "answer", answer: JSON.parse(body) as unknown };
    } catch {
      return { state: "unknown", reason: `it answered ${status} with something that is no JSON` };
    }
  }
  const reason = `it answered ${status}${snippetOf(body, secrets)}`;
  if (status === 429)
    return { state: "refused", kind: "limited", reason, retryAfterMs: retryAfterMs ?? undefined };
  if (status === 503)
    return { state: "refused", kind: "away", reason, retryAfterMs: retryAfterMs ?? undefined };
  // An error of the system, or of a proxy, may come after the request was carried out.
  if (status >= 500 || status === 408) return { state: "unknown", reason };
  return { state: "refused", kind: "declined", reason };
}

/** The answer as part of a line, without secrets, because it may repeat what was sent. */
function snippetOf(body: string, secrets: HttpSecrets): string {
  let text = body.slice(0, 5_000).replace(/\s+/g, " ").trim();
  for (const secret of Object.values(secrets))
    if (secret.length > 3) text = text.replaceAll(secret, "[redacted]");
  return text === "" ? "" : `: ${text.slice(0, MAX_REASON)}`;
}
