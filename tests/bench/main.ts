import { parseArgs } from "node:util";

import { ensurePostgresBinaries } from "../../scripts/lib/postgres-binaries.mjs";
import { startPostgres } from "../support/postgres";
import {
  allLists,
  apiPages,
  demoSize,
  historyCost,
  listsDuringSync,
  mappingPage,
  memoryBySize,
  naiveAgainstSync,
  resyncAndDurable,
  firstAgainstFetchLoop,
  resyncAgainstFetchLoop,
  webhooksUnderSync,
  costBySize,
  type Sizes,
} from "./scenarios";
import type { Figure } from "./figure";
import { fairness, heavyAccount, manyTenants } from "./scale-scenarios";

/**
 * The benchmark suite: every figure is a ratio of two measurements of the same run, so that a noisy machine matters
 * less.
 */

const scenarios = {
  a1: firstAgainstFetchLoop,
  a2: resyncAgainstFetchLoop,
  b: naiveAgainstSync,
  cd: resyncAndDurable,
  e: memoryBySize,
  f: webhooksUnderSync,
  mapping: (_sizes: Sizes, url: string) => mappingPage(url),
  history: historyCost,
  lists: (of: Sizes, url: string) => {
    const { keep, matching } = options;
    if (!options["during-sync"]) return allLists(url, { keep, matching, times: Number(options.times) });
    if (keep === undefined) throw new Error("--during-sync reads the database that --keep names.");
    return listsDuringSync(of, url, { keep, matching });
  },
  "api-pages": (_sizes: Sizes, url: string) => apiPages(url, Number(options.assets)),
  demo: (_sizes: Sizes, url: string) => demoSize(url),
  curve: costBySize,
  tenants: (_sizes: Sizes, url: string) =>
    manyTenants(url, {
      ...onServer,
      tenants: numberOf("tenants"),
      devices: Number(options.devices ?? 500),
      spreadMinutes: numberOf("spread"),
      minutes: numberOf("minutes"),
      keep: options.keep,
    }),
  fairness: (_sizes: Sizes, url: string) =>
    fairness(url, { ...onServer, devices: Number(options.devices ?? 100_000) }),
  "heavy-account": (_sizes: Sizes, url: string) =>
    heavyAccount(url, {
      ...onServer,
      assets: numberOf("assets"),
      alerts: numberOf("alerts"),
      closedUpdates: numberOf("closed-updates"),
      searches: numberOf("searches"),
      seconds: numberOf("seconds"),
      keep: options.keep,
    }),
};

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    // Number of devices; the default is 10,000, except where a scenario says otherwise.
    devices: { type: "string" },
    // Sizes for the memory and the cost of a page: one run each.
    sizes: { type: "string", multiple: true },
    // Assets for the API's pages and the heavy account.
    assets: { type: "string", default: "100000" },
    // For the tenants, fairness and the heavy account: an Inngest server that executes the syncs, and how many run at a
    // time.
    inngest: { type: "string" },
    "syncs-at-once": { type: "string" },
    // For the tenants: their number, the minutes over which their schedules are spread, and when to give up.
    tenants: { type: "string", default: "20" },
    spread: { type: "string", default: "0" },
    minutes: { type: "string", default: "25" },
    // For the heavy account.
    alerts: { type: "string", default: "400000" },
    "closed-updates": { type: "string", default: "2000000" },
    searches: { type: "string", default: "30" },
    seconds: { type: "string", default: "60" },
    // For the lists: a database that is kept, a part of the names, and the number of reads of each.
    keep: { type: "string" },
    "during-sync": { type: "boolean", default: false },
    matching: { type: "string" },
    times: { type: "string", default: "20" },
  },
});
const numberOf = (
  name: "tenants" | "spread" | "minutes" | "assets" | "alerts" | "closed-updates" | "searches" | "seconds",
) => Number(options[name]);
const devices = Number(options.devices ?? 10_000);
const syncsAtOnce = options["syncs-at-once"];
const onServer = {
  inngest: options.inngest,
  syncsAtOnce: syncsAtOnce === undefined ? undefined : Number(syncsAtOnce),
};
/** Run only by name: each takes as long as all others together. */
const large = ["curve", "tenants", "fairness", "heavy-account"];
const chosen = options.only ?? Object.keys(scenarios).filter((name) => !large.includes(name));
const unknown = chosen.filter((name) => !(name in scenarios));
const bySize = options.sizes?.map(Number);
if (![devices, ...(bySize ?? [])].every((n) => Number.isInteger(n) && n >= 100) || unknown.length > 0) {
  process.stderr.write(
    `Usage: npm run bench -- [--json] [--devices N] [--sizes N]... [--only ${Object.keys(scenarios).join("|")}]\n`,
  );
  process.exit(1);
}

const sizes: Sizes = {
  devices,
  bySize,
  latencyMs: 50,
  webhooks: { perSecond: 300, seconds: 60 },
};
try {
  await ensurePostgresBinaries("The benchmarks start a Postgres of their own and need its binaries");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
const given = process.env.TEST_DATABASE_URL;
const postgres = given === undefined ? await startPostgres() : { url: given, stop: () => Promise.resolve() };
const figures: Figure[] = [];
try {
  for (const name of chosen as (keyof typeof scenarios)[]) {
    for (const figure of await scenarios[name](sizes, postgres.url)) {
      figures.push(figure);
      process.stderr.write(`${describe(figure)}\n`);
    }
  }
} finally {
  await postgres.stop();
}
if (options.json) process.stdout.write(`${JSON.stringify({ devices, figures })}\n`);
process.exit();

function describe({ id, what, value, goal, isMet, detail }: Figure): string {
  const measured = Object.entries(detail).map(([name, n]) => `${name} ${n.toLocaleString("en")}`);
  return `${isMet ? "✓" : "✗"} ${id.padEnd(14)} ${value.toFixed(2).padStart(8)}  (goal ${goal})  ${what}: ${measured.join(", ")}`;
}
