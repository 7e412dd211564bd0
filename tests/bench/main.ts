import { parseArgs } from "node:util";

import { ensurePostgresBinaries } from "../../scripts/lib/postgres-binaries.mjs";
import { startPostgres } from "../support/postgres";
import {
  allLists,
  apiPages,
  demoSize,
  historyCost,
  mappingPage,
  memoryBySize,
  naiveAgainstSync,
  resyncAndDurable,
  firstAgainstFetchLoop,
  resyncAgainstFetchLoop,
  webhooksUnderSync,
  type Figure,
  type Sizes,
} from "./scenarios";

/** The benchmark suite: every figure a ratio of two measurements of the same run, so that a noisy machine matters less. */

const scenarios = {
  a1: firstAgainstFetchLoop,
  a2: resyncAgainstFetchLoop,
  b: naiveAgainstSync,
  cd: resyncAndDurable,
  e: memoryBySize,
  f: webhooksUnderSync,
  mapping: (_sizes: Sizes, url: string) => mappingPage(url),
  history: historyCost,
  lists: (_sizes: Sizes, url: string) =>
    allLists(url, { keep: options.keep, matching: options.matching, times: Number(options.times) }),
  "api-pages": (_sizes: Sizes, url: string) => apiPages(url, Number(options.assets)),
  demo: (_sizes: Sizes, url: string) => demoSize(url),
};

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    devices: { type: "string", default: "10000" },
    // Of the pages of the API.
    assets: { type: "string", default: "100000" },
    // Of the lists: a database that is kept, a part of their names, how often each is read.
    keep: { type: "string" },
    matching: { type: "string" },
    times: { type: "string", default: "20" },
  },
});
const devices = Number(options.devices);
const chosen = options.only ?? Object.keys(scenarios);
const unknown = chosen.filter((name) => !(name in scenarios));
if (!Number.isInteger(devices) || devices < 100 || unknown.length > 0) {
  process.stderr.write(
    `Usage: npm run bench -- [--json] [--devices N] [--only ${Object.keys(scenarios).join("|")}]\n`,
  );
  process.exit(1);
}

const sizes: Sizes = {
  devices,
  memorySmall: 1_000,
  memoryLarge: 20_000,
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
