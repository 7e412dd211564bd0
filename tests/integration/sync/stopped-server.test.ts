import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { sql } from "drizzle-orm";
import { expect, it } from "vitest";

import { queryRows } from "@db/client";
import { requestSync } from "~/features/sync-engine/request-sync";

import { BuiltServer, freePort } from "@tests/support/built-server";
import { createTestDatabase } from "@tests/support/database";
import { deferSchedules } from "@tests/support/schedule";
import { createSyncWorld, TEST_APP_SECRET, type SyncWorld } from "@tests/support/sync";

const FLEET = { devices: 1_200, seed: 29, latencyMs: 0, alerts: 0 };
const DEVICE_PAGES = 12;
const STOPS = 2;

it("a server that is stopped during a page ends in order, and the next one reads no stored page again", async () => {
  const undisturbed = await createMappedWorld();
  await undisturbed.sync("full");
  const expected = await rowsOf(undisturbed);
  await undisturbed.close();

  const world = await createMappedWorld();
  const { simulator, database, deps, tenantId, connectionId } = world;
  const dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-stop-"));
  try {
    simulator.setLatency(40);
    simulator.stats.reset();
    const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
    await requestSync({ ...deps, transport: "inngest" }, request);
    const server = new BuiltServer(await freePort(), {
      LEVELIO_API_BASE_URL: simulator.url,
      APP_SECRET: TEST_APP_SECRET,
      DATABASE_URL: database.url!,
      DATA_DIR: dataDir,
    });

    const exits: (number | null)[] = [];
    for (let stop = 0; stop < STOPS; stop++) {
      // Level is about to send the third page, so the second is being written.
      const reached = new Promise<void>((resolve) => {
        simulator.faults.afterPage("devices", 3, () => resolve());
      });
      await server.start();
      await reached;
      exits.push(await server.stop());
      expect(await lastRun(world)).toMatchObject({ type: "full", status: "running" });
    }
    await server.start();
    await expect.poll(() => lastRun(world), { timeout: 100_000 }).toMatchObject({ status: "completed" });
    exits.push(await server.stop());

    expect(exits).toEqual([0, 0, 0]);
    expect(await rowsOf(world)).toEqual(expected);
    expect(fetchedPages(world), "each page is fetched once").toBe(DEVICE_PAGES);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
    await world.close();
  }
});

async function createMappedWorld(): Promise<SyncWorld> {
  const world = await createSyncWorld({ ...FLEET, database: await createTestDatabase("postgres") });
  await world.sync("organizations");
  await world.mapAll();
  await deferSchedules(world.database.db);
  return world;
}

const rowsOf = async (world: SyncWorld) => [await world.deviceRows(), await world.updateRows()];

const fetchedPages = ({ simulator }: SyncWorld): number =>
  simulator.stats.log.filter(({ url }) => url.startsWith("/v2/devices?")).length;

async function lastRun({ database }: SyncWorld): Promise<{ type: string; status: string } | undefined> {
  const [run] = await queryRows<{ type: string; status: string }>(
    database.db,
    sql`select type, status from rmm_sync_runs where type = 'full'`,
  );
  return run;
}
