import { setTimeout as sleep } from "node:timers/promises";

import { withTenant } from "@db/client";
import { getSecret } from "@db/queries/connections/secrets";
import { WEBHOOK_SECRET } from "~/features/connections/secrets.server";

import type { Company, Office } from "./companies";
import { deliveryOf, type Sender } from "./webhook-load";

/** Requests sent at a steady rate, whether or not earlier ones were answered. */
export interface Stream {
  perSecond: number;
  ask(n: number): Promise<Response>;
  /** The expected status. */
  status: number;
}

export interface Answers {
  /** Milliseconds from the moment a request was due to the end of its answer. */
  p50: number;
  p95: number;
  p99: number;
  answers: number;
  /** Answers of another status, or none. */
  faults: number;
}

/** Sends requests until it is stopped. */
export function openTraffic<Name extends string>(streams: Record<Name, Stream>) {
  const names = Object.keys(streams) as Name[];
  const open = new AbortController();
  const results = names.map((name) => run(streams[name], open.signal));
  return {
    stop: async (): Promise<Record<Name, Answers>> => {
      open.abort();
      const answers = await Promise.all(results);
      return Object.fromEntries(names.map((name, n) => [name, answers[n]!])) as Record<Name, Answers>;
    },
  };
}

async function run({ perSecond, ask, status }: Stream, signal: AbortSignal): Promise<Answers> {
  const latencies: number[] = [];
  const asked: Promise<void>[] = [];
  let faults = 0;
  const one = async (n: number, dueAt: number) => {
    try {
      const response = await ask(n);
      await response.arrayBuffer();
      if (response.status !== status) faults++;
    } catch {
      faults++;
    }
    latencies.push(performance.now() - dueAt);
  };
  const begunAt = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    const dueAt = begunAt + (n * 1000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 1) await sleep(early, undefined, { signal }).catch(() => {});
    if (!signal.aborted) asked.push(one(n, dueAt));
  }
  await Promise.all(asked);
  return { ...sharesOf(latencies), answers: latencies.length, faults };
}

/** Percentiles of times; 0 if there are none. */
export function sharesOf(times: readonly number[]): Pick<Answers, "p50" | "p95" | "p99"> {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Requests pages in turn, as a signed-in person does. */
export const pageStream = (
  url: string,
  cookie: string,
  paths: readonly string[],
  perSecond: number,
): Stream => ({
  perSecond,
  status: 200,
  ask: (n) => fetch(url + paths[n % paths.length]!, { headers: { cookie }, redirect: "manual" }),
});

/** Deliveries of a company's account. */
export async function webhookStream(
  { app }: Office,
  url: string,
  company: Company,
  { deviceIds, perSecond }: Pick<Sender, "deviceIds"> & { perSecond: number },
): Promise<Stream> {
  const { tenantId, connectionId } = company;
  // A page shows it once; a database that was kept is sent to again.
  const sealed = await withTenant(app.db, tenantId, (tx) =>
    getSecret(tx, tenantId, connectionId, WEBHOOK_SECRET),
  );
  const secret = app.sync.vault.open(sealed!, { ...company, name: WEBHOOK_SECRET });
  const sender = { secret, deviceIds };
  return {
    perSecond,
    status: 202,
    ask: (n) => fetch(`${url}/api/webhooks/levelio?tenant=${tenantId}`, deliveryOf(n, sender)),
  };
}
