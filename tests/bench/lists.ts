import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { sql, type SQL } from "drizzle-orm";

import { connectPostgres, queryRows, withTenant, type Db } from "@db/client";
import { migrateToLatest } from "@db/migrate";
import { assetSorts } from "@db/queries/assets/asset-order";
import { assetSearch, readAssetBatch, readAssetList } from "~/features/assets/asset-list.page.server";
import { incidentSearch, readIncidents } from "~/features/incidents/incidents.page.server";

import { administer, databaseUrl } from "../support/database-templates";
import { seedFleet, type FleetSizes } from "./list-fleet";
import { inboxAddresses, seedInbox } from "./list-incidents";

const TIMES = 10;

/** Tables of which no list may read every row. `asset_list` is made to be read from end to end. */
const largeTables = [
  "assets",
  "asset_details",
  "asset_tags",
  "asset_changes",
  "tenant_external_entity_mappings",
  "rmm_device_updates",
  "rmm_alerts",
];

/** Addresses of the asset list: each sort both ways, each filter, each kind of search, and the ends of the list. */
const addresses = (clientId: string): string[] => [
  ...assetSorts.flatMap((sort) => [`sort=${sort}`, `sort=${sort}&order=reverse`, `sort=${sort}&page=last`]),
  "page=700",
  `client=${clientId}`,
  `client=${clientId}&sort=seen`,
  "client=none",
  ...["online", "offline", "patches", "gone", "retired", "all"].map((state) => `state=${state}`),
  "type=server",
  "platform=macos&sort=patches",
  "system=10.0.22631",
  ...["endOfLife", "antivirus", "maintenance"].map((finding) => `finding=${finding}`),
  "unseen=30",
  "tag=vip",
  "tag=tag 7&sort=seen",
  "special=overridden",
  "special=unmanaged",
  ...["desktop", "a1b", "10.1.2", "host-777.", "user42", "dell inc.", "nothing like it", "AA:BB:CC"].map(
    (text) => `q=${text}`,
  ),
  "q=laptop&sort=seen&order=reverse&state=online",
];

export interface ListFigures {
  /** Milliseconds of the read model, p95 by address, the slowest first. */
  slowest: { address: string; p95: number }[];
  /** "address: table" for each sequential scan of a large table. */
  scans: string[];
  csvRowsPerSecond: number;
  csvHeapMb: number;
}

/** Times every list of a large fleet on a database of its own, and keeps the plans of its statements in `.tmp`. */
export async function measureLists(sizes: FleetSizes, postgresUrl: string): Promise<ListFigures> {
  const name = `bench_${randomBytes(5).toString("hex")}`;
  await administer(postgresUrl, (admin) => admin.unsafe(`create database ${name}`));
  const connection = connectPostgres(databaseUrl(postgresUrl, name));
  try {
    await migrateToLatest(connection);
    const { db } = connection;
    const { tenantId, clientId } = await seedFleet(db, sizes);
    const slowest = [];
    const scans = [];
    const plans = [];
    for (const address of addresses(clientId)) {
      const search = assetSearch(new URLSearchParams(address));
      const p95 = await p95Of(() => readAssetList(db, tenantId, search));
      slowest.push({ address, p95 });
      process.stderr.write(`  ${p95.toFixed(1).padStart(7)} ms  ${address}\n`);
      const statements = await statementsOf(db, (spy) => readAssetList(spy, tenantId, search));
      for (const statement of statements) {
        const plan = await withTenant(db, tenantId, (tx) =>
          queryRows<{ "QUERY PLAN": string }>(tx, sql`explain (analyze, buffers) ${statement}`),
        );
        const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
        plans.push(`-- ${address}\n${text}\n`);
        for (const [, table] of text.matchAll(/Seq Scan on (\w+)/g))
          if (largeTables.includes(table!)) scans.push(`${address}: ${table}`);
      }
    }
    const assetId = await seedInbox(db, tenantId, { alerts: 200_000, incidents: 50_000 });
    for (const address of inboxAddresses(clientId, assetId)) {
      const search = incidentSearch(new URLSearchParams(address), tenantId);
      const p95 = await p95Of(() => readIncidents(db, tenantId, search));
      slowest.push({ address: `incidents ${address}`, p95 });
      process.stderr.write(`  ${p95.toFixed(1).padStart(7)} ms  incidents ${address}\n`);
    }
    mkdirSync(".tmp", { recursive: true });
    writeFileSync(path.join(".tmp", "list-plans.txt"), plans.join("\n"));
    return { slowest: slowest.sort((a, b) => b.p95 - a.p95), scans, ...(await downloadAll(db, tenantId)) };
  } finally {
    await connection.close();
    await administer(postgresUrl, (admin) => admin.unsafe(`drop database ${name} with (force)`));
  }
}

async function p95Of(work: () => Promise<unknown>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const begunAt = performance.now();
    await work();
    times.push(performance.now() - begunAt);
  }
  return times.sort((a, b) => a - b)[Math.ceil(TIMES * 0.95) - 1]!;
}

/** The statements of ours that some work puts. */
async function statementsOf(db: Db, work: (spy: Db) => Promise<unknown>): Promise<SQL[]> {
  const found: SQL[] = [];
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, key) {
        const value: unknown = Reflect.get(target, key);
        if (key === "execute")
          return (statement: SQL) => {
            found.push(statement);
            return (value as (one: SQL) => unknown).call(target, statement);
          };
        if (key === "transaction")
          return (run: (tx: Db) => unknown) =>
            (value as (run: (tx: Db) => unknown) => unknown).call(target, (tx) => run(watched(tx)));
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  await work(watched(db));
  return found;
}

async function downloadAll(db: Db, tenantId: string) {
  const search = assetSearch(new URLSearchParams("state=all&sort=seen"));
  const begunAt = performance.now();
  let rows = 0;
  let heap = 0;
  for (let batch = await readAssetBatch(db, tenantId, search, 2000, undefined); batch.length > 0;) {
    rows += batch.length;
    heap = Math.max(heap, process.memoryUsage().heapUsed);
    batch = await readAssetBatch(db, tenantId, search, 2000, batch.at(-1)!.keys);
  }
  return { csvRowsPerSecond: (rows / (performance.now() - begunAt)) * 1000, csvHeapMb: heap / 2 ** 20 };
}
