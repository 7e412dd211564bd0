import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage["headers"];
}

export type Answer = (response: ServerResponse, asked: Asked) => void;

/** An HTTP server that gives prepared answers in order, the last one for ever, and records its requests. */
export async function startScriptedServer() {
  const asked: Asked[] = [];
  let script: Answer[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://local");
    const { method = "", headers } = request;
    const now = { method, path: url.pathname, query: Object.fromEntries(url.searchParams), headers };
    asked.push(now);
    const answer = script.length > 1 ? script.shift()! : script[0];
    if (answer) answer(response, now);
    else response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers: (...next: Answer[]) => {
      script = next;
      asked.length = 0;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export type ScriptedServer = Awaited<ReturnType<typeof startScriptedServer>>;

type Headers = Record<string, string>;

export const json =
  (body: unknown, status = 200, headers: Headers = {}): Answer =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

export const status = (code: number, headers: Headers = {}): Answer => json({ error: "no" }, code, headers);

export const text =
  (body: string, contentType: string, code = 200): Answer =>
  (response) =>
    response.writeHead(code, { "content-type": contentType }).end(body);

/** Breaks the connection in the middle of the body. */
export const reset: Answer = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"data":[');
  setImmediate(() => response.destroy());
};

export const silence: Answer = () => undefined;
