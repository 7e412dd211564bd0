import { sql } from "drizzle-orm";

import { queryRows } from "@db/client";

import type { SimulatorProcess } from "../../scripts/demo/simulator-process";
import { createWorld, type World } from "./world";

/** The triggers that keep the history of fields, and those that keep other tables in step with assets and updates. */
const keepers = {
  history: ["record_asset_changes", "record_asset_detail_changes"],
  list: [
    "list_assets",
    "list_asset_details",
    "relist_asset_details",
    "unlist_asset_details",
    "list_asset_devices",
    "relist_asset_devices",
  ],
  patches: ["mark_stale_patches", "mark_stale_patches_of_devices", "mark_stale_patches_of_assets"],
};
type Keeper = keyof typeof keepers;

export interface KeepingCost {
  /** Milliseconds of the sync. */
  ms: number;
  /** Milliseconds that the triggers of each kind took within the sync. */
  keeping: Record<Keeper, number>;
  /** Rows of history after the sync. */
  changes: number;
}

/** Measures what keeping history costs a first sync and an unchanged one; the database times its triggers. */
export async function measureHistory(
  api: SimulatorProcess,
  postgresUrl: string,
): Promise<{ first: KeepingCost; unchanged: KeepingCost }> {
  const world = await createWorld({ api, postgresUrl });
  try {
    await world.app.db.execute(sql`do $$ begin
      execute format('alter database %I set track_functions = ''all''', current_database()); end $$`);
    // Sessions that are already open do not pick up the setting.
    await world.app.db.execute(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    return { first: await costOf(world), unchanged: await costOf(world) };
  } finally {
    await world.close();
  }
}

async function costOf(world: World): Promise<KeepingCost> {
  const before = await readKeeping(world);
  const { ms } = await world.fullSync("direct");
  const after = await readKeeping(world);
  const keeping = Object.fromEntries(
    (Object.keys(keepers) as Keeper[]).map((name) => [name, after[name] - before[name]]),
  ) as Record<Keeper, number>;
  const [row] = await queryRows<{ n: number }>(
    world.app.db,
    sql`select count(*)::int as n from asset_changes where tenant_id = ${world.tenantId}`,
  );
  return { ms, keeping, changes: row!.n };
}

/** Milliseconds that the triggers have taken so far; sessions report them within a second of their last statement. */
async function readKeeping({ app }: World): Promise<Record<Keeper, number>> {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const rows = await queryRows<{ name: string; ms: number }>(
    app.db,
    sql`select funcname as name, total_time as ms from pg_stat_user_functions`,
  );
  const sumOf = (names: readonly string[]) =>
    rows.filter(({ name }) => names.includes(name)).reduce((sum, { ms }) => sum + ms, 0);
  return Object.fromEntries(Object.entries(keepers).map(([name, names]) => [name, sumOf(names)])) as Record<
    Keeper,
    number
  >;
}
