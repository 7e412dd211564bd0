import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { sql } from "drizzle-orm";

import { connectPools, connectPostgres, queryRows, type Db } from "@db/client";
import { migrateToLatest } from "@db/migrate";
import { assetSearch, readAssetBatch } from "~/features/assets/asset-list.page.server";

import { administer, databaseUrl } from "../support/database-templates";
import { listCases, type ListCase } from "./list-cases";
import { seedFleet, type FleetSizes } from "./list-fleet";
import { seedHistory, seedLedger } from "./list-history";
import { seedInbox } from "./list-incidents";
import { planStatements, processorMs } from "./list-statements";
import { seedUnmapped, unmappedCases } from "./list-unmapped";

/** How many reads of a list are timed. */
const TIMES = 20;

/** As many connections as an installation has by default; half of them are for pages. */
export const CONNECTIONS = 10;

/** Tables that no list may scan sequentially. `asset_list` is made to be scanned. */
const largeTables = [
  "assets",
  "asset_details",
  "asset_tags",
  "asset_changes",
  "audit_log",
  "incidents",
  "rmm_alerts",
  "rmm_device_updates",
  "tenant_external_entity_mappings",
];

export interface ListSizes extends FleetSizes {
  incidents: number;
  changes: number;
}

interface ListTimes {
  /** The list and its address. */
  name: string;
  /** Milliseconds that its read model takes, the best and the 95th percentile. */
  best: number;
  p95: number;
  /** Milliseconds of processor time, of the database and of the app. */
  processor: number;
  /** Blocks of 8 KB that its statements read. */
  blocks: number;
}

export interface ListFigures {
  /** The slowest first. */
  times: ListTimes[];
  /** "list: table" for each sequential scan of a large table. */
  scans: string[];
  csvRowsPerSecond: number;
  csvHeapMb: number;
}

/**
 * Fills a database with everything that lists read, as after years of use.
 * @returns the company's id
 */
async function seedLists(db: Db, sizes: ListSizes): Promise<string> {
  const { tenantId } = await seedFleet(db, sizes);
  await seedInbox(db, tenantId, sizes);
  await seedHistory(db, tenantId, sizes.changes);
  await seedLedger(db, tenantId);
  await seedUnmapped(db, sizes.assets);
  await db.execute(sql`vacuum analyze`);
  return tenantId;
}

export interface ListChoice {
  /** A database that is filled if it does not exist, and kept for the next time. */
  keep: string | undefined;
  /** Only lists whose name or address contains this text. */
  matching: string | undefined;
  times: number;
}

/** Times the lists of a large company on a database of its own, and keeps the plans of their statements in `.tmp`. */
export async function measureLists(
  sizes: ListSizes,
  postgresUrl: string,
  { keep, matching = "", times = TIMES }: Partial<ListChoice> = {},
): Promise<ListFigures> {
  const name = keep ?? `bench_${randomBytes(5).toString("hex")}`;
  await administer(postgresUrl, async (admin) => {
    const found = await admin`select from pg_database where datname = ${name}`;
    if (found.length === 0) await admin.unsafe(`create database ${name}`);
  });
  const url = databaseUrl(postgresUrl, name);
  const connection = connectPostgres(url, { poolSize: 1 });
  const installation = connectPools(url, CONNECTIONS);
  try {
    await migrateToLatest(connection);
    const { db } = connection;
    const [filled] = await queryRows<{ id: string }>(
      db,
      sql`select id from tenants order by created_at limit 1`,
    );
    const tenantId = filled?.id ?? (await seedLists(db, sizes));
    const all = [...(await listCases(db, tenantId)), ...(await unmappedCases(db))];
    const cases = all.filter(({ list, address }) => `${list} ${address}`.includes(matching));
    const pages = installation.pages!;
    const figures = await timeLists({ pages, single: db }, cases, times);
    const csv = matching === "" ? await downloadAll(pages, tenantId) : { csvRowsPerSecond: 0, csvHeapMb: 0 };
    return { ...figures, ...csv };
  } finally {
    await installation.close();
    await connection.close();
    if (keep === undefined)
      await administer(postgresUrl, (admin) => admin.unsafe(`drop database ${name} with (force)`));
  }
}

/**
 * Times lists one after the other over the connections that an installation has for pages. Over the single one the
 * statements of a list follow one another, for their plans.
 */
async function timeLists(
  { pages, single }: { pages: Db; single: Db },
  cases: ListCase[],
  count: number,
): Promise<Pick<ListFigures, "times" | "scans">> {
  const times: ListTimes[] = [];
  const scans: string[] = [];
  const plans: string[] = [];
  for (const { list, address, tenantId, read } of cases) {
    const name = `${list} ${address}`.trim();
    const measured = await timesOf(
      () => read(pages),
      () => usedMs(single),
      count,
    );
    const statements = await planStatements(single, tenantId, () => read(single));
    for (const { plan } of statements) {
      plans.push(`-- ${name}\n${plan}\n`);
      for (const [, table] of plan.matchAll(/Seq Scan on (\w+).*\(actual /g))
        if (largeTables.includes(table!)) scans.push(`${name}: ${table}`);
    }
    const blocks = statements.reduce((sum, statement) => sum + statement.blocks, 0);
    times.push({ name, ...measured, blocks });
    const [p95, best, processor] = [measured.p95, measured.best, measured.processor].map((ms) =>
      ms.toFixed(1).padStart(7),
    );
    process.stderr.write(
      `  p95 ${p95} ms, best ${best} ms, processor ${processor} ms, ${String(blocks).padStart(6)} blocks  ${name}\n`,
    );
  }
  mkdirSync(".tmp", { recursive: true });
  writeFileSync(path.join(".tmp", "list-plans.txt"), plans.join("\n"));
  return { times: times.sort((a, b) => b.p95 - a.p95), scans };
}

/** Milliseconds of processor time that the connections to this database and this process have used. */
async function usedMs(db: Db): Promise<number> {
  const backends = await queryRows<{ pid: number }>(
    db,
    sql`select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`,
  );
  return [process.pid, ...backends.map(({ pid }) => pid)].reduce((sum, pid) => sum + processorMs(pid), 0);
}

async function timesOf(work: () => Promise<unknown>, used: () => Promise<number>, count: number) {
  // The first read opens connections and parses statements.
  await work();
  const times: number[] = [];
  const usedBefore = await used();
  for (let n = 0; n < count; n++) {
    const begunAt = performance.now();
    await work();
    times.push(performance.now() - begunAt);
  }
  times.sort((a, b) => a - b);
  const processor = ((await used()) - usedBefore) / count;
  return { best: times[0]!, p95: times[Math.ceil(count * 0.95) - 1]!, processor };
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
