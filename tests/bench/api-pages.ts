import { randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";

import { connectPostgres, queryRows, withTenant } from "@db/client";
import { migrateToLatest } from "@db/migrate";
import type { KeyValues } from "@db/queries/shared/keyset";
import { assetSearch, readAssetBatch } from "~/features/assets/asset-list.page.server";

import { administer, databaseUrl } from "../support/database-templates";
import { seedFleet } from "./list-fleet";

/** The largest page of the API, in rows. */
const PAGE = 200;
/** Rows that a page of a sync writes. */
const SYNC_PAGE = 100;

export interface ApiPageFigures {
  pages: number;
  best: number;
  p95: number;
  /** Assets that existed throughout and that no page had, or two pages had. */
  missed: number;
  twice: number;
  /** Assets written meanwhile. */
  written: number;
}

/** Walks all assets by cursor, as the API does, while a second connection writes assets as a sync does. */
export async function measureApiPages(assets: number, postgresUrl: string): Promise<ApiPageFigures> {
  const name = `bench_${randomBytes(5).toString("hex")}`;
  await administer(postgresUrl, (admin) => admin.unsafe(`create database ${name}`));
  const reader = connectPostgres(databaseUrl(postgresUrl, name), { poolSize: 1 });
  const writer = connectPostgres(databaseUrl(postgresUrl, name), { poolSize: 1 });
  try {
    await migrateToLatest(reader);
    const clients = Math.max(1, Math.round(assets / 125));
    const { tenantId } = await seedFleet(reader.db, { assets, updates: 0, alerts: 0, clients });
    await reader.db.execute(sql`vacuum analyze`);

    let isWalking = true;
    const writing = (async () => {
      let written = 0;
      while (isWalking) {
        const first = written % assets;
        await withTenant(writer.db, tenantId, (tx) =>
          queryRows(
            tx,
            sql`update assets set location = ${`Room ${written}`}, updated_at = now()
                where tenant_id = ${tenantId} and id in (
                  select id from assets where tenant_id = ${tenantId} order by id offset ${first} limit ${SYNC_PAGE})`,
          ),
        );
        written += SYNC_PAGE;
      }
      return written;
    })();

    const search = assetSearch(new URLSearchParams("state=all"));
    const read = (last: KeyValues | undefined) => readAssetBatch(reader.db, tenantId, search, PAGE, last);
    const seen = new Map<string, number>();
    const times: number[] = [];
    for (let last: KeyValues | undefined, isDone = false; !isDone;) {
      const begunAt = performance.now();
      const rows = await read(last);
      times.push(performance.now() - begunAt);
      for (const { id } of rows) seen.set(id, (seen.get(id) ?? 0) + 1);
      last = rows.at(-1)?.keys;
      isDone = rows.length < PAGE;
    }
    isWalking = false;
    const written = await writing;
    times.sort((a, b) => a - b);
    return {
      pages: times.length,
      best: times[0]!,
      p95: times[Math.ceil(times.length * 0.95) - 1]!,
      missed: assets - seen.size,
      twice: [...seen.values()].filter((n) => n > 1).length,
      written,
    };
  } finally {
    await reader.close();
    await writer.close();
    await administer(postgresUrl, (admin) => admin.unsafe(`drop database ${name} with (force)`));
  }
}
