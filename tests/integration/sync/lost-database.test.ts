import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";

import type { TestDatabase } from "@tests/support/database";
import { createDurableWorld, type DurableWorld } from "@tests/support/durable";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";

/** More often than a step is tried. */
const LOSSES = 5;

let durable: DurableWorld;
afterEach(close);

/** Databases are reused. */
async function close(): Promise<void> {
  await durable.app.db.execute(sql`drop function fail_page cascade`);
  await durable.app.db.execute(sql`drop sequence failed_pages`);
  await durable.close();
}

/** Makes the first pages of devices fail with the error of a server that shuts down (57P01), or another. */
async function failPages({ db }: Pick<TestDatabase, "db">, times: number, sqlState: string): Promise<void> {
  await db.execute(sql`create sequence failed_pages`);
  await db.execute(
    sql.raw(`
      create function fail_page() returns trigger language plpgsql security definer as $$
      begin
        if new.resource = 'devices' and nextval('failed_pages') <= ${times} then
          raise exception 'failed on purpose' using errcode = '${sqlState}';
        end if;
        return new;
      end $$`),
  );
  await db.execute(
    sql`create trigger fail_page before insert on rmm_sync_run_pages for each row execute function fail_page()`,
  );
}

it("a sync that loses its database at one page repeatedly continues once it is back, and writes the same rows", async () => {
  const syncRows = async (times: number) => {
    durable = await createDurableWorld({ devices: 150, seed: 3 });
    const { world, app, request, ended } = durable;
    await failPages(app, times, "57P01");
    const run = await ended(await request("full"));
    expect(run).toMatchObject({ status: "completed", itemsSeen: 150, waitingUntil: null });
    return { devices: await world.deviceRows(), updates: await world.updateRows() };
  };
  const undisturbed = await syncRows(0);
  await close();
  expect(await syncRows(LOSSES)).toEqual(undisturbed);
});

it("a page that fails in the database every time still ends its run", async () => {
  durable = await createDurableWorld({ devices: 20, seed: 3 }, { retryDelayMs: () => 0 });
  await failPages(durable.app, 1_000, "P0001");
  expect(await durable.ended(await durable.request("full"))).toMatchObject({
    status: "failed",
    itemsSeen: 0,
  });
});

it("a sync that was silent because its database was away is not closed as dead afterwards", async () => {
  let now = Date.now();
  durable = await createDurableWorld(
    { devices: 20, seed: 3 },
    { clock: () => new Date(now), startedAt: new Date(0) },
  );
  const { app, request, read } = durable;
  await failPages(app, 1_000, "57P01");
  const run = await request("full");
  const losses = () => app.sync.startedAt.getTime();
  await expect.poll(losses).toBe(now);
  await app.jobs.stop();
  await app.db.execute(sql`update rmm_sync_runs set waiting_until = null where id = ${run.id}`);
  now += 3 * 60_000;
  app.sync.noteOutage!();
  expect(await sweepSilentRuns(app.sync)).toBe(0);
  expect((await read(run)).status).toBe("running");
  now += 3 * 60_000;
  expect(await sweepSilentRuns(app.sync)).toBe(1);
});
