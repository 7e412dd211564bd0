import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { saveMapping, type WantedChange } from "~/sync/mapping";
import { previewWanted, type WantedPreview } from "~/sync/preview-wanted";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "@tests/support/sync";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 150, seed: 8 });
  await world.sync("organizations");
});
afterEach(() => world.close());

const ref = () => ({ tenantId: world.tenantId, integrationId: world.integrationId });
const rows = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  queryRows<Row>(world.database.db, statement);

/** Each asset of a device that is not gone, by name, with its client's name. */
async function owners(): Promise<Map<string, string | null>> {
  const found = await rows<{ id: string; client: string | null }>(sql`
    select m.external_id as id, c.name as client
    from tenant_external_entity_mappings m join assets a on a.id = m.asset_id left join clients c on c.id = a.client_id
    where m.gone_at is null`);
  return new Map(found.map((row) => [row.id, row.client]));
}

/** What really happened between two looks, in the form of a preview. */
function happened(before: Map<string, string | null>, after: Map<string, string | null>) {
  const sums = {
    created: new Map<string, number>(),
    moved: new Map<string, number>(),
    lost: new Map<string, number>(),
  };
  for (const [id, to] of after) {
    const from = before.get(id);
    if (from === to) continue;
    const kind = !before.has(id) ? "created" : to === null ? "lost" : "moved";
    const key = `${from ?? "none"} > ${to ?? "none"}`;
    sums[kind].set(key, (sums[kind].get(key) ?? 0) + 1);
  }
  return Object.fromEntries(Object.entries(sums).map(([kind, sum]) => [kind, Object.fromEntries(sum)]));
}

const foretold = ({ created, moved, lost }: WantedPreview) =>
  Object.fromEntries(
    Object.entries({ created, moved, lost }).map(([kind, moves]) => [
      kind,
      Object.fromEntries(
        moves.map((move) => [`${move.from ?? "none"} > ${move.to ?? "none"}`, move.devices]),
      ),
    ]),
  );

async function preview(wanted: WantedChange[]): Promise<WantedPreview> {
  const outcome = await previewWanted(world.deps, ref(), wanted);
  if (outcome.state !== "previewed") throw new Error(outcome.state);
  return outcome.preview;
}

async function save(wanted: WantedChange[]) {
  const outcome = await saveMapping(world.deps, ref(), wanted, TEST_ACTOR);
  expect(outcome.state).toBe("saved");
}

/** Asks, saves, syncs, and compares. Returns what was foretold. */
async function foretellAndCheck(wanted: WantedChange[]): Promise<WantedPreview> {
  const asked = await preview(wanted);
  const before = await owners();
  await save(wanted);
  expect((await world.sync("full")).status).toBe("completed");
  expect(foretold(asked)).toEqual(happened(before, await owners()));
  return asked;
}

const roots = () => [...world.simulator.account.groups].filter((group) => group.parent_id === null);
const childrenOf = (id: string) =>
  [...world.simulator.account.groups].filter((group) => group.parent_id === id);
const toClient = (externalId: string, clientName: string): WantedChange => ({
  externalId,
  state: "mapped",
  clientName,
});

describe("what a preview says", () => {
  it("is what the next full sync does, change after change", async () => {
    // Every device is known, and none has a client.
    await world.sync("full");
    const [first, second, third] = roots();
    const some = await foretellAndCheck(roots().map((root) => toClient(root.id, root.name)));
    expect(some.created.length).toBe(roots().length);
    expect(some.newClients).toHaveLength(roots().length);

    const branch = childrenOf(first!.id)[0]!;
    const moves = await foretellAndCheck([
      toClient(branch.id, "A client of its own"),
      toClient(second!.id, first!.name.toUpperCase()),
      { externalId: third!.id, state: "excluded" },
    ]);
    expect(moves.moved.map((move) => move.to).sort()).toEqual(["A client of its own", first!.name].sort());
    expect(moves.lost).toHaveLength(1);
    expect(moves.affected.length).toBeGreaterThan(0);

    const back = await foretellAndCheck([
      { externalId: branch.id, state: "inherit" },
      { externalId: third!.id, state: "inherit" },
      toClient(second!.id, second!.name),
    ]);
    expect(back.newClients).toEqual([]);
  });

  it("takes in what was saved before and not yet carried out", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first, second] = roots();
    await save([toClient(first!.id, "Saved earlier")]);
    const asked = await foretellAndCheck([toClient(second!.id, "Saved later")]);
    expect(asked.moved.map((move) => move.to).sort()).toEqual(["Saved earlier", "Saved later"]);
  });

  it("leaves out assets whose client a person set", async () => {
    await world.mapAll();
    await world.sync("full");
    await rows(sql`update assets set held_fields = '{client}'`);
    const asked = await foretellAndCheck(roots().map((root) => toClient(root.id, "Everything")));
    expect(asked).toMatchObject({ created: [], moved: [], lost: [], affected: [] });
  });

  it("names the assets that change hands, and only those", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first] = roots();
    const before = await owners();
    const asked = await preview([toClient(first!.id, "Elsewhere")]);
    const ofFirst = [...before.values()].filter((client) => client === first!.name).length;
    expect(asked.affected).toHaveLength(ofFirst);
    expect(new Set(asked.affected.map(({ from, to }) => `${from} > ${to}`))).toEqual(
      new Set([`${first!.name} > Elsewhere`]),
    );
  });

  it("writes nothing", async () => {
    await world.mapAll();
    const before = await rows(sql`select * from rmm_organization_mappings order by id`);
    const clients = await rows(sql`select * from clients order by id`);
    await preview([toClient(roots()[0]!.id, "Never made")]);
    expect(await rows(sql`select * from rmm_organization_mappings order by id`)).toEqual(before);
    expect(await rows(sql`select * from clients order by id`)).toEqual(clients);
  });

  it("is not given for groups or clients that the tenant does not have", async () => {
    const nobody = "0193a0f2-0000-7000-8000-000000000000";
    const [first] = roots();
    expect(await previewWanted(world.deps, ref(), [toClient("nobody", "X")])).toEqual({
      state: "unknown_groups",
      externalIds: ["nobody"],
    });
    expect(
      await previewWanted(world.deps, ref(), [{ externalId: first!.id, state: "mapped", clientId: nobody }]),
    ).toEqual({ state: "unknown_client" });
    expect(await previewWanted(world.deps, { ...ref(), integrationId: nobody }, [])).toEqual({
      state: "unknown_integration",
    });
  });
});

describe("moves between clients", () => {
  it("are written to the audit log when the mapping is saved, with their numbers", async () => {
    await world.mapAll();
    await world.sync("full");
    const [first] = roots();
    const count = [...(await owners()).values()].filter((client) => client === first!.name).length;
    await save([toClient(first!.id, "Elsewhere")]);
    const [entry] = await rows<{ details: { effect: { moved: unknown[] }; changes: unknown[] } }>(
      sql`select details from audit_log where action = 'mapping.changed' order by id desc limit 1`,
    );
    expect(entry!.details.effect.moved).toEqual([expect.objectContaining({ devices: count })]);
    expect(entry!.details.changes).toEqual([expect.objectContaining({ path: first!.name, state: "mapped" })]);
  });
});
