import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { sql } from "drizzle-orm";

import { queryRows } from "@db/client";
import { readMapping } from "~/features/mapping/mapping.page.server";
import { decideHeld } from "~/features/review/decide-held.server";
import { saveMapping } from "~/features/mapping/mapping.server";

import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let ids: string[];
let groupId: string;

const CLIENT = "Bakery Brandt";
const SIZE = 8;

/** A customer of eight devices in an account of a hundred. */
beforeEach(async () => {
  world = await createSyncedWorld({ devices: 100, seed: 21, updatesPerDevice: 0 });
  const { account } = world.simulator;
  groupId = account.addGroup({ name: CLIENT }).id;
  ids = Array.from(
    { length: SIZE },
    (_, n) => account.addDevice({ group_id: groupId, hostname: `OVEN-${n}` }).id,
  );
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  expect(await clientOf(ids)).toEqual([CLIENT]);
});

afterEach(() => world.close());

/** The clients of the devices' assets. */
async function clientOf(devices: string[]) {
  const rows = await world.deviceRows();
  const found = rows.filter((row) => devices.includes(row["external_id"] as string));
  return [...new Set(found.map((row) => row["client"]))];
}

/** A technician's mistake: the group is deleted with its devices in it, and made again with its name. */
function remakeGroup(): string {
  const { account } = world.simulator;
  account.removeGroup(groupId);
  const anew = account.addGroup({ id: "made-again", name: CLIENT }).id;
  for (const id of ids) account.moveDevice(id, anew);
  return anew;
}

const held = () =>
  queryRows<{ kind: string; n: number }>(
    world.database.db,
    sql`select kind, count(*)::int as n from rmm_held_changes where state = 'held' group by 1 order by 1`,
  );

describe("a small client whose group was deleted and made again in Level", () => {
  it("keeps all of its assets, and a person decides", async () => {
    remakeGroup();
    const run = await world.sync("full");
    expect(run).toMatchObject({ status: "completed_with_errors", itemsHeld: SIZE, itemsMoved: 0 });
    expect(run.degraded[0]!.reason).toContain(`${CLIENT} ${SIZE} of ${SIZE}`);
    expect(await clientOf(ids)).toEqual([CLIENT]);
  });

  it("is offered for the new group, and nothing waits any more once it is mapped", async () => {
    const anew = remakeGroup();
    await world.sync("full");
    const { database, tenantId, connectionId } = world;
    const page = (await readMapping(database.db, tenantId, connectionId))!;
    const clientId = page.clients.find(({ name }) => name === CLIENT)!.id;
    const group = page.groups.find(({ id }) => id === anew)!;
    expect(group.suggestion).toEqual({ clientId, match: "former" });

    const change = { externalId: anew, state: "mapped", clientId } as const;
    await saveMapping(world.deps, { tenantId, connectionId }, [change], TEST_ACTOR);
    expect(await world.sync("full")).toMatchObject({ status: "completed", itemsHeld: 0 });
    expect(await held()).toEqual([]);
    expect(await clientOf(ids)).toEqual([CLIENT]);
  });

  it("loses them if a person says that it was intended", async () => {
    remakeGroup();
    await world.sync("full");
    const which = { filter: { kind: "move" as const } };
    const request = { tenantId: world.tenantId, which, decision: "approve", actor: TEST_ACTOR } as const;
    expect(await decideHeld(world.deps, request)).toMatchObject({ changes: SIZE });
    expect(await clientOf(ids)).toEqual([null]);
  });

  it("is reported by a dry run", async () => {
    remakeGroup();
    await world.sync("dry_run");
    const [plan] = await queryRows<{ n: number }>(
      world.database.db,
      sql`select count(*)::int as n from rmm_planned_changes where action = 'hold'`,
    );
    expect(plan).toEqual({ n: SIZE });
  });

  it("keeps most of them if its devices are read one by one", async () => {
    remakeGroup();
    await world.sync("organizations");
    for (const id of ids) await world.sync("device", id);
    const rows = (await world.deviceRows()).filter((row) => row["client"] === CLIENT);
    expect(rows.length).toBeGreaterThanOrEqual(SIZE / 2);
    expect((await held())[0]!.n).toBe(rows.length);
  });
});

it("a few moves of another client are applied while a small client's wait", async () => {
  remakeGroup();
  const rows = (await world.deviceRows()).filter((row) => row["client"] !== null && row["client"] !== CLIENT);
  const sizeOf = (client: unknown) => rows.filter((row) => row["client"] === client).length;
  const [largest] = [...rows].sort((a, b) => sizeOf(b["client"]) - sizeOf(a["client"]));
  world.simulator.account.moveDevice(largest!["external_id"] as string, null);
  expect(await world.sync("full")).toMatchObject({ itemsHeld: SIZE, itemsMoved: 1 });
});

it("a small client whose group and devices are missing from the list keeps them until a person decides", async () => {
  const { account } = world.simulator;
  account.removeGroup(groupId);
  for (const id of ids) account.removeDevice(id);
  const run = await world.sync("full");
  expect(run).toMatchObject({ status: "completed_with_errors", itemsHeld: SIZE, itemsGone: 0 });
});

it("a scrapped machine is retired without a question, even a client's only one", async () => {
  const { account } = world.simulator;
  for (const id of ids) account.removeDevice(id);
  expect(await world.sync("full")).toMatchObject({ status: "completed", itemsHeld: 0, itemsGone: SIZE });
});
