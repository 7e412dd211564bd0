import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { HttpConfig } from "~/features/tickets/http-config";

/**
 * The fault of one request. `lost`: executed, not answered. `late`: the same, but executed only when `finishLate` is
 * called. `broken`: executed, answered with invalid JSON. `failed`: executed and answered 500. A number: answered with
 * that status and not executed.
 */
export type TicketFault = "lost" | "late" | "broken" | "failed" | number;

interface StoredTicket {
  id: number;
  number: string;
  title: string;
  body: string;
  priority: string;
  status: "open" | "closed";
  comments: string[];
}

/** A stub of a helpdesk with an API: stores and counts tickets, and fails as configured. */
export interface TicketSystem {
  address: string;
  tickets: StoredTicket[];
  /** Every request, by method and path. */
  requests: string[];
  /** Faults of the next requests that change something, in order. */
  faults: TicketFault[];
  /** The same for searches. */
  searchFaults: TicketFault[];
  tokensGiven: number;
  /** Invalidates the tokens that it has issued. */
  forgetTokens(): void;
  finishLate(): void;
  close(): Promise<void>;
}

export const TICKET_SECRET = "s3cret-of-the-helpdesk";

export async function startTicketSystem(): Promise<TicketSystem> {
  const tickets: StoredTicket[] = [];
  const requests: string[] = [];
  const faults: TicketFault[] = [];
  const searchFaults: TicketFault[] = [];
  const late: (() => void)[] = [];
  const byKey = new Map<string, StoredTicket>();
  const tokens = new Set<string>();
  let tokensGiven = 0;

  const answer = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));

  function createTicket(body: Record<string, string>, key: string | undefined): StoredTicket {
    const known = key === undefined ? undefined : byKey.get(key);
    if (known !== undefined) return known;
    const id = tickets.length + 101;
    const { title = "", body: text = "", priority = "" } = body;
    const ticket = {
      id,
      number: `T${id}`,
      title,
      body: text,
      priority,
      status: "open" as const,
      comments: [],
    };
    tickets.push(ticket);
    if (key !== undefined) byKey.set(key, ticket);
    return ticket;
  }

  function carryOut(request: IncomingMessage, path: string, text: string): unknown {
    const body = JSON.parse(text) as Record<string, string>;
    if (path === "/api/tickets")
      return { ticket: createTicket(body, request.headers["idempotency-key"] as string) };
    const [, , , id, action] = path.split("/");
    const ticket = tickets.find((one) => String(one.id) === id);
    if (ticket === undefined) return null;
    if (body["comment"] !== undefined) ticket.comments.push(body["comment"]);
    if (action === "close") ticket.status = "closed";
    return {};
  }

  function handle(request: IncomingMessage, response: ServerResponse, text: string) {
    const url = new URL(request.url!, "http://localhost");
    requests.push(`${request.method} ${url.pathname}`);
    if (url.pathname === "/oauth/token") {
      const form = new URLSearchParams(text);
      if (form.get("client_secret") !== TICKET_SECRET)
        return answer(response, 401, { error: "invalid_client" });
      const token = `token-${++tokensGiven}`;
      tokens.add(token);
      return answer(response, 200, { access_token: token, expires_in: 3600 });
    }
    const given = request.headers.authorization ?? "";
    const isKnown = given === `Key ${TICKET_SECRET}` || tokens.has(given.replace("Bearer ", ""));
    if (!isKnown) return answer(response, 401, { error: `who is ${given}?` });
    const isSearch = request.method === "GET";
    const fault = (isSearch ? searchFaults : faults).shift();
    const reply = () => {
      if (isSearch) {
        const query = url.searchParams.get("query") ?? "";
        return { tickets: query === "" ? [] : tickets.filter(({ title }) => title.includes(query)) };
      }
      return carryOut(request, url.pathname, text);
    };
    if (typeof fault === "number") {
      response.writeHead(fault, fault === 429 ? { "Retry-After": "300" } : {});
      return response.end(JSON.stringify({ error: `refused, you sent ${given}` }));
    }
    if (fault === "late") {
      late.push(reply);
      return response.destroy();
    }
    const body = reply();
    if (fault === "lost") return response.destroy();
    if (fault === "broken") return response.end("<html>It works</html>");
    return answer(response, fault === "failed" ? 500 : 200, body);
  }

  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += String(chunk)));
    request.on("end", () => handle(request, response, text));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tickets,
    requests,
    faults,
    searchFaults,
    get tokensGiven() {
      return tokensGiven;
    },
    forgetTokens: () => tokens.clear(),
    finishLate: () => {
      for (const finish of late.splice(0)) finish();
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Settings that fit the stub: searchable, unless `without` says otherwise. */
export function ticketSystemConfig(
  { address }: TicketSystem,
  {
    auth = "key",
    recovery = "search",
  }: { auth?: "key" | "oauth2"; recovery?: "search" | "key" | "none" } = {},
): HttpConfig {
  const change = '{"comment": "{{text}}"}';
  return {
    preset: "custom",
    address,
    fields: { queue: "Alerts" },
    headers: auth === "key" ? { Authorization: "Key {{secret.apiKey}}" } : {},
    auth:
      auth === "key"
        ? { kind: "none" }
        : { kind: "oauth2", tokenAddress: `${address}/oauth/token`, clientId: "plumbline", scope: "all" },
    keyHeader: recovery === "key" ? "Idempotency-Key" : "",
    open: {
      method: "POST",
      path: "/api/tickets",
      body: '{"title": "{{summary}}", "body": "{{description}}", "queue": "{{field.queue}}", "priority": "{{#is.critical}}1{{/is.critical}}{{^is.critical}}3{{/is.critical}}"}',
    },
    idPath: "ticket.id",
    numberPath: "ticket.number",
    link: "/tickets/{{id}}",
    find:
      recovery === "search"
        ? {
            method: "GET",
            path: "/api/tickets?query={{reference}}",
            body: "",
            listPath: "tickets",
            idPath: "id",
            numberPath: "number",
            pageSize: 0,
          }
        : null,
    comment: { method: "POST", path: "/api/tickets/{{id}}/comments", body: change },
    close: { method: "POST", path: "/api/tickets/{{id}}/close", body: change },
    test: { method: "GET", path: "/api/tickets", body: "" },
  };
}
