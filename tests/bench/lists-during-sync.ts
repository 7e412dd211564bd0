import { randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";

import { connectPools, queryRows } from "@db/client";

import { administer, databaseUrl } from "../support/database-templates";
import { listCases } from "./list-cases";
import { CONNECTIONS } from "./lists";
import { createWorld } from "./world";

export interface DuringSyncFigures {
  /** Of all reads, and for each list its own 95th percentile, the slowest first. */
  p95: number;
  lists: { name: string; p95: number }[];
  reads: number;
  syncMs: number;
}

const p95Of = (times: number[]): number => times.sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;

/**
 * Reads every list of the company in database `keep` repeatedly while the app syncs another account of that company for
 * the first time, in a copy of the database that is dropped afterwards.
 * @throws Error if there is no such database
 */
export async function measureListsDuringSync(
  api: { url: string; apiKey: string },
  postgresUrl: string,
  keep: string,
  matching = "",
): Promise<DuringSyncFigures> {
  const database = `bench_${randomBytes(5).toString("hex")}`;
  await administer(postgresUrl, (admin) => admin.unsafe(`create database ${database} template ${keep}`));
  const installation = connectPools(databaseUrl(postgresUrl, database), CONNECTIONS);
  const pages = installation.pages!;
  try {
    const [tenant] = await queryRows<{ id: string }>(
      installation.db,
      sql`select id from tenants order by created_at limit 1`,
    );
    const world = await createWorld({ api, postgresUrl, of: { database, tenantId: tenant!.id } });
    const cases = (await listCases(installation.db, tenant!.id))
      .map(({ list, address, read }) => ({ name: `${list} ${address}`.trim(), read, times: [] as number[] }))
      .filter(({ name }) => name.includes(matching));
    let isOver = false;
    const readAll = async () => {
      while (!isOver)
        for (const { read, times } of cases) {
          const begunAt = performance.now();
          await read(pages);
          if (isOver) return;
          times.push(performance.now() - begunAt);
        }
    };
    const sync = world.fullSync("direct").finally(() => (isOver = true));
    const [{ ms }] = await Promise.all([sync, readAll()]);
    await world.close();
    const lists = cases
      .filter(({ times }) => times.length > 0)
      .map(({ name, times }) => ({ name, p95: p95Of(times) }))
      .sort((a, b) => b.p95 - a.p95);
    const all = cases.flatMap(({ times }) => times);
    return { p95: p95Of(all), lists, reads: all.length, syncMs: ms };
  } finally {
    await installation.close();
    await administer(postgresUrl, (admin) => admin.unsafe(`drop database ${database} with (force)`));
  }
}
