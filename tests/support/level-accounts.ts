import { once } from "node:events";
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";

import { startSimulator, type Simulator } from "../level-simulator";
import { companyOf, numberOfKey } from "./e2e-companies";

const DEVICES = 120;

/**
 * Serves the Level accounts of all companies, each by a simulator that starts at its first request. `/company/N/…` is
 * path `/…` of company N's account, including its controls, for the tests.
 */
export async function startLevelAccounts(port: number): Promise<void> {
  const accounts = new Map<number, Promise<Simulator>>();
  const accountOf = (number: number) => {
    const { apiKey, readOnlyApiKey } = companyOf(number);
    const account =
      accounts.get(number) ?? startSimulator({ devices: DEVICES, apiKey, readOnlyApiKey, control: true });
    accounts.set(number, account);
    return account;
  };
  const server = createServer((request, response) => {
    const named = /^\/company\/(\d+)(\/.*)$/.exec(request.url!);
    const number = named === null ? numberOfKey(request.headers.authorization ?? "") : Number(named[1]);
    void accountOf(number).then(({ url }) =>
      forward(new URL(url + (named?.[2] ?? request.url!)), request, response),
    );
  });
  // Milliseconds, as in the simulator: longer than any client keeps an idle connection.
  server.keepAliveTimeout = 120_000;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

/** Passes a broken connection on to the other side. */
function forward(target: URL, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = ask(target, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  onward.once("error", () => response.destroy());
  response.once("close", () => onward.destroy());
  request.pipe(onward);
}
