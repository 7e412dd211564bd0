import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Account } from "./account";
import { Accounts } from "./accounts";
import { Budget } from "./budget";
import { createApi } from "./api";
import { CONTROL_PREFIX, createControl } from "./control";
import { Faults } from "./faults";
import { Latency } from "./latency";
import { Stats } from "./stats";

export { Account } from "./account";
export type { FaultRule } from "./faults";
export * from "./records";
export { deliverWebhook, signWebhook, webhookEvent } from "./webhook";

/** Reads and writes. */
export const SIMULATOR_API_KEY = "sim-Vq8LdR2mTzK4xW7nBc5J";
/** Reads; a write answers 403. */
export const SIMULATOR_READ_ONLY_API_KEY = "sim-readonly-Hf3PsY9gQa6E";
export const SIMULATOR_BASE_DATE = new Date("2026-11-01T12:00:00.000Z");

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  host?: string;
  devices?: number;
  /** The same seed and sizes give the same account, to the byte. */
  seed?: number;
  apiKey?: string;
  readOnlyApiKey?: string;
  /** Milliseconds before each answer. */
  latencyMs?: number;
  /** Available updates a device has on average. Default 3. */
  updatesPerDevice?: number;
  /** Alerts in the account. Default: one for five devices. */
  alerts?: number;
  /** "Now" as the account sees it. */
  baseDate?: Date;
  /** Answers 429 above this many requests in a minute. Default: no limit. */
  requestsPerMinute?: number;
  /**
   * Number of accounts, each with a key of its own: the first has `apiKey`, the n-th after it `apiKey-n`. They are made
   * at their first request, from the next seeds. Default 1.
   */
  accounts?: number;
  /** Number of fleets that the accounts share. Default: one each. */
  fleets?: number;
  /** Devices of each account except the first. Default: as many as the first has. */
  devicesEach?: number;
  /** Opens `/_control/` to other processes. */
  control?: boolean;
}

export interface Simulator {
  /** Without a trailing slash and without `/v2`. */
  readonly url: string;
  readonly apiKey: string;
  readonly readOnlyApiKey: string;
  readonly account: Account;
  readonly faults: Faults;
  readonly stats: Stats;
  /** Applies to the answers that wait, too. */
  setLatency(ms: number): void;
  /** Restores the account of the seed, without faults and counts, and with the initial latency. */
  reset(): void;
  /** Cuts every connection, hanging ones too. */
  close(): Promise<void>;
}

/**
 * Starts a stateful simulator of Level's API.
 * @throws if the port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = "127.0.0.1", devices = 250, seed = 1 } = options;
  const { apiKey = SIMULATOR_API_KEY, readOnlyApiKey = SIMULATOR_READ_ONLY_API_KEY } = options;
  const makeAccount = (size: number, itsSeed: number) =>
    new Account({
      devices: size,
      seed: itsSeed,
      baseDate: options.baseDate ?? SIMULATOR_BASE_DATE,
      updatesPerDevice: options.updatesPerDevice ?? 3,
      alerts: options.alerts ?? Math.round(size / 5),
    });
  const account = makeAccount(devices, seed);
  const count = options.accounts ?? 1;
  const accounts = new Accounts({
    count,
    fleets: options.fleets ?? count,
    apiKey,
    readOnlyApiKey,
    first: account,
    make: (fleet) => makeAccount(options.devicesEach ?? devices, seed + fleet),
  });
  const faults = new Faults(seed);
  const stats = new Stats();
  const budget = new Budget(options.requestsPerMinute ?? null);
  const latency = new Latency(options.latencyMs ?? 0);
  const setLatency = (ms: number) => latency.set(ms);
  const reset = () => {
    accounts.reset();
    faults.clear();
    stats.reset();
    budget.reset();
    setLatency(options.latencyMs ?? 0);
  };

  const api = createApi({
    accounts,
    faults,
    stats,
    latency,
    budget,
  });
  const control = options.control ? createControl({ account, seed, faults, stats, setLatency, reset }) : null;
  const server = createServer((request, response) => {
    if (control && request.url?.startsWith(CONTROL_PREFIX)) void control(request, response);
    else api(request, response);
  });
  // Milliseconds, longer than any client keeps an idle connection: otherwise a request may meet a closing socket.
  server.keepAliveTimeout = 120_000;

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`,
    apiKey,
    readOnlyApiKey,
    account,
    faults,
    stats,
    setLatency,
    reset,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
