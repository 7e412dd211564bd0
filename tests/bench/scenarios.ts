import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { startSimulatorProcess, type SimulatorProcess } from "../../scripts/demo/simulator-process";
import { createLevelProvider } from "~/connectors/levelio/provider.server";
import { requestSync } from "~/features/sync-engine/request-sync";

import { fetchAllPages } from "./fetch-loop";
import { figure, type Figure } from "./figure";
import { measureHistory } from "./history";
import { ingestOneByOne } from "./naive-ingest";
import { measureApiPages } from "./api-pages";
import { measureLists, type ListChoice } from "./lists";
import { measureListsDuringSync } from "./lists-during-sync";
import { measureMappingPage } from "./mapping-page";
import { bareHandler, ourHandler, readDeviceIds, underSync, type Latencies, type Load } from "./webhook-load";
import { createWorld } from "./world";

export interface Sizes {
  devices: number;
  /** For scenarios that run at several sizes; undefined uses each one's default. */
  bySize: number[] | undefined;
  latencyMs: number;
  webhooks: Load;
}

async function withSimulator<T>(
  args: Record<string, number>,
  work: (api: SimulatorProcess) => Promise<T>,
): Promise<T> {
  const api = await startSimulatorProcess(
    Object.entries(args).flatMap(([name, n]) => [`--${name}`, String(n)]),
  );
  try {
    return await work(api);
  } finally {
    await api.stop();
  }
}

/** (a1) A first full sync against a bare loop that only fetches and parses the same pages, at the latency of a real API. */
export function firstAgainstFetchLoop(sizes: Sizes, postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices, latency: sizes.latencyMs }, async (api) => {
    const world = await createWorld({ api, postgresUrl });
    const floor = await fetchAllPages(api);
    const sync = await world.fullSync("inngest");
    await world.close();
    return [
      figure(
        "a1",
        `first full sync ÷ bare fetch-and-parse loop, ${sizes.latencyMs} ms latency`,
        sync.ms / floor.ms,
        { atMost: 0.85 },
        { syncMs: sync.ms, loopMs: floor.ms, pages: floor.pages, requests: sync.run.requests },
      ),
    ];
  });
}

/** (a2) A re-sync of an unchanged account against the same loop, at the latency of a near API and of a far one. */
export function resyncAgainstFetchLoop(sizes: Sizes, postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices }, async (api) => {
    const world = await createWorld({ api, postgresUrl });
    await world.fullSync("inngest");
    const figures: Figure[] = [];
    for (const [latencyMs, atMost] of [
      [50, 0.45],
      [200, 0.32],
    ] as const) {
      await setLatency(api, latencyMs);
      const floor = await fetchAllPages(api);
      const { run, ms } = await world.fullSync("inngest");
      figures.push(
        figure(
          `a2-${latencyMs}ms`,
          `unchanged re-sync ÷ bare fetch-and-parse loop, ${latencyMs} ms latency`,
          ms / floor.ms,
          { atMost },
          { syncMs: ms, loopMs: floor.ms, pages: floor.pages, requests: run.requests },
        ),
      );
    }
    await world.close();
    return figures;
  });
}

async function setLatency({ url }: SimulatorProcess, ms: number): Promise<void> {
  const response = await fetch(`${url}/_control/latency`, { method: "POST", body: JSON.stringify({ ms }) });
  if (!response.ok) throw new Error(`The simulator refused the latency: ${await response.text()}`);
}

/** (b) An ingest that writes device by device against the product's, same devices, same connector, no latency. */
export function naiveAgainstSync(sizes: Sizes, postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices, updates: 0 }, async (api) => {
    const naive = await createWorld({ api, postgresUrl });
    const { db, sync: deps } = naive.app;
    const request = { tenantId: naive.tenantId, connectionId: naive.connectionId, type: "full" as const };
    const requested = await requestSync(
      { ...deps, transport: "direct" },
      { ...request, trigger: "cli", actor: "bench" },
    );
    if (requested.state !== "queued") throw new Error(requested.state);
    const stats = { requests: 0, retries: 0, rateLimits: 0, rateLimitedMs: 0 };
    const provider = createLevelProvider({ apiKey: api.apiKey, baseUrl: api.url, stats });
    const target = {
      db,
      tenantId: naive.tenantId,
      connectionId: naive.connectionId,
      runId: requested.run.id,
    };
    const slow = await ingestOneByOne(provider, target);
    await naive.close();
    const ours = await createWorld({ api, postgresUrl });
    const fast = await ours.fullSync("direct");
    await ours.close();
    return [
      figure(
        "b",
        "device-by-device ingest ÷ ours, 0 ms latency",
        slow.ms / fast.ms,
        { atLeast: 20 },
        {
          naiveMs: slow.ms,
          oursMs: fast.ms,
          devices: slow.devices,
        },
      ),
    ];
  });
}

/** Odd, so that the median is a measurement; taken alternately, so that a noisy minute affects both sides. */
const ROUNDS = 3;

/** (c) and (d) An unchanged re-sync against the first; the durable functions against the direct transport. */
export function resyncAndDurable(sizes: Sizes, postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices }, async (api) => {
    const firsts: number[] = [];
    const agains: number[] = [];
    const durables: number[] = [];
    let steps = 0;
    // The first round warms up the code and does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      const direct = await createWorld({ api, postgresUrl });
      const first = await direct.fullSync("direct");
      const again = await direct.fullSync("direct");
      await direct.close();
      const durable = await createWorld({ api, postgresUrl });
      const byRunner = await durable.fullSync("inngest");
      await durable.close();
      steps = byRunner.run.steps;
      if (round === 0) continue;
      firsts.push(first.ms);
      agains.push(again.ms);
      durables.push(byRunner.ms);
    }
    const [directMs, againMs, durableMs] = [median(firsts), median(agains), median(durables)];
    const stepsPer10k = (steps / sizes.devices) * 10_000;
    return [
      figure(
        "c",
        "unchanged re-sync ÷ first sync",
        againMs / directMs,
        { atMost: 0.4 },
        { againMs, directMs },
      ),
      figure(
        "d",
        "durable on the embedded runner ÷ direct",
        durableMs / directMs,
        { atMost: 1.1 },
        { durableMs, directMs },
      ),
      figure("d-steps", "durable steps per 10,000 devices", stepsPer10k, { atMost: 20 }, { steps }),
    ];
  });
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** (e) Peak memory of processes that sync many devices against one that syncs few, the first size. */
export async function memoryBySize(
  { bySize = [1_000, 20_000] }: Sizes,
  postgresUrl: string,
): Promise<Figure[]> {
  const measure = (devices: number) =>
    withSimulator({ devices }, async ({ url, apiKey }) => {
      const args = ["--expose-gc", "--import", "tsx", "tests/bench/peak-memory.ts", url, apiKey, postgresUrl];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as { peakMb: number; retainedMb: number };
    });
  const [few, ...others] = bySize;
  const small = await measure(few!);
  const figures: Figure[] = [];
  for (const many of others) {
    const large = await measure(many);
    const what = `at ${many} devices ÷ at ${few}`;
    const detail = (name: "peakMb" | "retainedMb") => ({ largeMb: large[name], smallMb: small[name] });
    figures.push(
      figure(
        `e-${many}`,
        `peak memory ${what}`,
        large.peakMb / small.peakMb,
        { atMost: 1.2 },
        detail("peakMb"),
      ),
      figure(
        `e-${many}-left`,
        `heap left after collection ${what}`,
        large.retainedMb / small.retainedMb,
        { atMost: 1.2 },
        detail("retainedMb"),
      ),
    );
  }
  return figures;
}

/** Cost curve: what a page of a first sync and of an unchanged one takes at each size, against the size before. */
export async function costBySize(
  { bySize = [1_000, 10_000, 100_000] }: Sizes,
  postgresUrl: string,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  let before: { devices: number; first: number; again: number } | undefined;
  for (const devices of bySize) {
    const now = await withSimulator({ devices }, async (api) => {
      const world = await createWorld({ api, postgresUrl });
      const aPage = async () => {
        const { run, ms } = await world.fullSync("inngest");
        return ms / run.pages;
      };
      const first = await aPage();
      const again = await aPage();
      await world.close();
      return { devices, first, again };
    });
    for (const kind of ["first", "again"] as const) {
      const than = before ?? now;
      figures.push(
        figure(
          `curve-${devices}`,
          `ms a page of ${kind === "first" ? "a first sync" : "an unchanged one"} at ${devices} devices ÷ at ${than.devices}`,
          now[kind] / than[kind],
          { atMost: 1.2 },
          { microseconds: now[kind] * 1000, before: than[kind] * 1000 },
        ),
      );
    }
    before = now;
  }
  return figures;
}

/** (f) Deliveries at a steady rate while an account is synced: the endpoint against one that verifies and inserts. */
export function webhooksUnderSync(sizes: Sizes, postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices }, async (api) => {
    const deviceIds = await readDeviceIds(api, 500);
    const measure = async (isOurs: boolean): Promise<Latencies> => {
      const world = await createWorld({ api, postgresUrl });
      try {
        const { handler, secret } = await ourHandler(world);
        return await underSync(
          world,
          isOurs ? handler : await bareHandler(world, secret),
          { secret, deviceIds },
          sizes.webhooks,
        );
      } finally {
        await world.close();
      }
    };
    const bare = await measure(false);
    const ours = await measure(true);
    const { perSecond, seconds } = sizes.webhooks;
    const what = `${perSecond} deliveries a second for ${seconds} s during a sync of ${sizes.devices} devices`;
    return [
      figure("f-faults", `${what}: answers that were not 202`, ours.faults, { atMost: 0 }, { ...ours }),
      figure(
        "f-p50",
        `${what}: p50 ÷ that of a bare handler`,
        ours.p50 / bare.p50,
        { atMost: 10 },
        {
          oursMs: ours.p50,
          bareMs: bare.p50,
        },
      ),
      figure(
        "f-p99",
        `${what}: p99 ÷ that of a bare handler`,
        ours.p99 / bare.p99,
        { atMost: 10 },
        {
          oursMs: ours.p99,
          bareMs: bare.p99,
          oursP95Ms: ours.p95,
          bareP95Ms: bare.p95,
        },
      ),
      figure("f-p99-ms", `${what}: p99 in ms`, ours.p99, { atMost: 100 }, { bareMs: bare.p99 }),
    ];
  });
}

/** The server time of a large account's mapping page: informational, like the demo's figure. */
export async function mappingPage(postgresUrl: string): Promise<Figure[]> {
  const goalMs = 300;
  const ms = await measureMappingPage(2_000, postgresUrl);
  const smallMs = await measureMappingPage(20, postgresUrl);
  return [
    figure(
      "mapping",
      `mapping page of 2,000 groups, share of ${goalMs} ms`,
      ms / goalMs,
      { atMost: 1 },
      { ms, smallMs },
    ),
  ];
}

/** The time that the demo's 2,500 devices take: informational, without a goal because machines are noisy. */
export function demoSize(postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: 2500 }, async (api) => {
    const figures: Figure[] = [];
    for (const [name, url, goalMs] of [
      ["Postgres", postgresUrl, 15_000],
      ["PGlite", undefined, 40_000],
    ] as const) {
      const world = await createWorld({ api, ...(url === undefined ? {} : { postgresUrl: url }) });
      const { ms } = await world.fullSync("inngest");
      await world.close();
      figures.push(
        figure(
          `demo-${name.toLowerCase()}`,
          `2,500 devices on ${name}, share of ${goalMs / 1000} s`,
          ms / goalMs,
          { atMost: 1 },
          { ms },
        ),
      );
    }
    return figures;
  });
}

/** Every list of a large company: the slowest of all sorts, filters and searches, and what their plans read. */
export async function allLists(postgresUrl: string, choice: ListChoice): Promise<Figure[]> {
  const sizes = {
    assets: 100_000,
    updates: 1_000_000,
    alerts: 200_000,
    incidents: 50_000,
    changes: 2_000_000,
    clients: 800,
  };
  const { times, scans, csvRowsPerSecond, csvHeapMb } = await measureLists(sizes, postgresUrl, choice);
  for (const scan of scans) process.stderr.write(`  reads a whole table: ${scan}\n`);
  return [
    figure(
      "lists",
      "p95 of the slowest list, 100,000 assets",
      times[0]!.p95,
      { atMost: 100 },
      Object.fromEntries(times.map(({ name, p95 }) => [name, p95])),
    ),
    figure("lists-scans", "sequential scans of large tables", scans.length, { atMost: 0 }, {}),
    figure(
      "lists-csv",
      "rows a second of the list as CSV",
      csvRowsPerSecond,
      { atLeast: 10_000 },
      { heapMb: csvHeapMb },
    ),
  ];
}

/** How long lists take while another account of their company is synced for the first time, at the latency of a real API. */
export function listsDuringSync(
  sizes: Sizes,
  postgresUrl: string,
  { keep, matching }: { keep: string; matching: string | undefined },
): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices, latency: sizes.latencyMs }, async (api) => {
    const { p95, lists, reads, syncMs } = await measureListsDuringSync(api, postgresUrl, keep, matching);
    for (const { name, p95: ms } of lists.slice(0, LISTS_NAMED))
      process.stderr.write(`  p95 ${ms.toFixed(1).padStart(7)} ms  ${name}\n`);
    return [
      figure("lists-syncing", "p95 of all reads during a sync", p95, { atMost: 300 }, { reads, syncMs }),
      figure("lists-slowest", "p95 of the slowest list during a sync", lists[0]!.p95, { atMost: 300 }, {}),
    ];
  });
}

const LISTS_NAMED = 20;

/** A walk over all assets by cursor while a sync writes: the time of a page, and what the walk missed. */
export async function apiPages(postgresUrl: string, assets: number): Promise<Figure[]> {
  const { p95, missed, twice, ...detail } = await measureApiPages(assets, postgresUrl);
  const what = `p95 in ms of a page of 200, ${assets.toLocaleString("en")} assets`;
  return [
    figure("api-pages", what, p95, { atMost: 100 }, detail),
    figure("api-missed", "assets that the walk missed or gave twice", missed + twice, { atMost: 0 }, {}),
  ];
}

/** What keeping the history of fields costs a first sync and an unchanged one; without latency, so that all is writing. */
export function historyCost(sizes: Sizes, postgresUrl: string): Promise<Figure[]> {
  return withSimulator({ devices: sizes.devices }, async (api) => {
    const { first, unchanged } = await measureHistory(api, postgresUrl);
    return [
      figure(
        "history-first",
        "time of the triggers that keep history ÷ first full sync",
        first.keeping.history / first.ms,
        { atMost: 0.1 },
        { syncMs: first.ms, ...first.keeping },
      ),
      figure(
        "history-same",
        "changes that an unchanged re-sync kept",
        unchanged.changes - first.changes,
        { atMost: 0 },
        { syncMs: unchanged.ms, ...unchanged.keeping },
      ),
    ];
  });
}
