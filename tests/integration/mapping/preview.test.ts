import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { previewEdits } from "~/features/mapping/preview-edits.server";
import { predictAndCheck, look, preview, rootsOf, save, toClient } from "@tests/support/predicted";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 150, seed: 8, updatesPerDevice: 0 });
  await world.sync("organizations");
});
afterEach(() => world.close());

const rows = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  queryRows<Row>(world.database.db, statement);

const roots = () => rootsOf(world);
const childrenOf = (id: string) =>
  [...world.simulator.account.groups].filter((group) => group.parent_id === id);

describe("a preview", () => {
  it("equals what the next full sync does, change after change", async () => {
    // Every device is known, and none has a client.
    await world.sync("full");
    const [first, second, third] = roots();
    const some = await predictAndCheck(
      world,
      roots().map((root) => toClient(root.id, root.name)),
    );
    expect(some.created.length).toBe(roots().length);
    expect(some.newClients).toHaveLength(roots().length);

    const branch = childrenOf(first!.id)[0]!;
    const moves = await predictAndCheck(world, [
      toClient(branch.id, "A client of its own"),
      toClient(second!.id, first!.name.toUpperCase()),
      { externalId: third!.id, state: "excluded" },
    ]);
    expect(moves.moved.map((move) => move.to).sort()).toEqual(["A client of its own", first!.name].sort());
    expect(moves.lost).toHaveLength(1);
    expect(moves.affected.length).toBeGreaterThan(0);

    const back = await predictAndCheck(world, [
      { externalId: branch.id, state: "inherit" },
      { externalId: third!.id, state: "inherit" },
      toClient(second!.id, second!.name),
    ]);
    expect(back.newClients).toEqual([]);
  });

  it("includes what was saved before and not yet applied", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first, second] = roots();
    await save(world, [toClient(first!.id, "Saved earlier")]);
    const asked = await predictAndCheck(world, [toClient(second!.id, "Saved later")]);
    expect(asked.moved.map((move) => move.to).sort()).toEqual(["Saved earlier", "Saved later"]);
  });

  it("omits assets whose client a person set", async () => {
    await world.mapAll();
    await world.sync("full");
    await rows(sql`update assets set held_fields = '{client}'`);
    const asked = await predictAndCheck(
      world,
      roots().map((root) => toClient(root.id, "Everything")),
    );
    expect(asked).toMatchObject({ created: [], joined: [], moved: [], lost: [], affected: [] });
  });

  it("names exactly the assets that change clients", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first] = roots();
    const { owners } = await look(world);
    const asked = await preview(world, [toClient(first!.id, "Elsewhere")]);
    const ofFirst = [...owners.values()].filter(({ client }) => client === first!.name).length;
    expect(asked.affected).toHaveLength(ofFirst);
    expect(new Set(asked.affected.map(({ from, to }) => `${from} > ${to}`))).toEqual(
      new Set([`${first!.name} > Elsewhere`]),
    );
  });

  it("writes nothing", async () => {
    await world.mapAll();
    const before = await rows(sql`select * from rmm_organization_mappings order by id`);
    const clients = await rows(sql`select * from clients order by id`);
    await preview(world, [toClient(roots()[0]!.id, "Never made")]);
    expect(await rows(sql`select * from rmm_organization_mappings order by id`)).toEqual(before);
    expect(await rows(sql`select * from clients order by id`)).toEqual(clients);
  });

  it("is refused for groups or clients that the tenant does not have", async () => {
    const nobody = "0193a0f2-0000-7000-8000-000000000000";
    const [first] = roots();
    expect(await previewEdits(world.deps, world, [toClient("nobody", "X")])).toEqual({
      state: "unknown_groups",
      externalIds: ["nobody"],
    });
    expect(
      await previewEdits(world.deps, world, [{ externalId: first!.id, state: "mapped", clientId: nobody }]),
    ).toEqual({ state: "unknown_client" });
    expect(await previewEdits(world.deps, { ...world, connectionId: nobody }, [])).toEqual({
      state: "unknown_integration",
    });
  });
});

describe("the audit log", () => {
  const entries = (action: string) =>
    rows<{ targetId: string; details: Record<string, unknown> }>(
      sql`select target_id as "targetId", details from audit_log where action = ${action} order by id`,
    );

  it("has the effects of a saved mapping, with the numbers and the clients' names", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first] = roots();
    const { owners } = await look(world);
    const count = [...owners.values()].filter(({ client }) => client === first!.name).length;
    await save(world, [toClient(first!.id, "Elsewhere")]);
    const { details } = (await entries("mapping.changed")).at(-1)!;
    expect(details).toMatchObject({
      changes: [{ path: first!.name, state: "mapped" }],
      effect: { moved: [{ from: first!.name, to: "Elsewhere", devices: count }], created: [], toReview: 0 },
    });
  });

  it("has each asset that changes or loses its client, once, with the names at that time", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first, second] = roots();
    const before = (await look(world)).owners;
    await save(world, [toClient(first!.id, "Elsewhere"), { externalId: second!.id, state: "excluded" }]);
    await world.sync("full");
    await world.sync("full");
    await rows(sql`update clients set name = 'Renamed since' where name = 'Elsewhere'`);
    const expected = [...before.values()].flatMap(({ assetId, client }) =>
      client === first!.name || client === second!.name
        ? [{ assetId, from: client, to: client === first!.name ? "Elsewhere" : null }]
        : [],
    );
    const found = (await entries("asset.moved")).map(({ targetId, details }) => ({
      assetId: targetId,
      from: details["from"],
      to: details["to"],
    }));
    const byId = (a: { assetId: string }, b: { assetId: string }) => (a.assetId < b.assetId ? -1 : 1);
    expect(expected.some(({ to }) => to === null)).toBe(true);
    expect(found.sort(byId)).toEqual(expected.sort(byId));
  });
});
