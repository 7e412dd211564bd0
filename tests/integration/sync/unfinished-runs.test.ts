import type { RunRef } from "@domain/refs";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { cancelRun, describeFailure, failRun } from "~/features/sync-execution/end-run";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";

import { assetOf, meetDevices, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 120, seed: 11, updatesPerDevice: 0 });
});
afterEach(() => world.close());

describe("moves and renames that a sync found before it", () => {
  it.each<[string, (ref: RunRef) => Promise<unknown>]>([
    ["was cancelled", (ref) => cancelRun(world.deps, ref)],
    ["failed", (ref) => failRun(world.deps, ref, describeFailure(new Error("a fault of ours")))],
    [
      "was closed without a sign of life",
      () => {
        world.setNow(new Date(Date.now() + 3 * 60_000));
        return sweepSilentRuns(world.deps).finally(() => world.setNow(null));
      },
    ],
  ])("%s are applied by the next sync of their device", async (_how, end) => {
    const { account } = world.simulator;
    const rows = (await world.deviceRows()).filter((row) => row["client"] !== null);
    const [one] = rows;
    const other = rows.find((row) => row["client"] !== one!["client"])!;
    const id = one!["external_id"] as string;
    account.renameDevice(id, "RECEPTION-01");
    account.moveDevice(id, other["external_group_id"] as string);

    await end(await meetDevices(world));
    expect((await assetOf(world, id))!.asset.name).toBe(one!["name"]);
    expect(await queryRows(world.database.db, sql`select id from rmm_held_changes`)).toEqual([]);

    expect(await world.sync("device", id)).toMatchObject({ itemsMoved: 1, itemsRenamed: 1 });
    const after = (await world.deviceRows()).find((row) => row["external_id"] === id);
    expect(after).toMatchObject({ name: "RECEPTION-01", client: other["client"] });
  });
});
