import fc from "fast-check";
import { eq, sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getAsset } from "@db/queries/assets/assets";
import { assets, auditLog, rmmOrganizationMappings } from "@db/schema";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { editAsset } from "~/features/assets/edit-asset.server";
import { undoRun } from "~/features/sync-runs/undo-run.server";
import { readUndoPreview } from "~/features/sync-runs/undo.page.server";

import { createClient } from "../../support/factories";
import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let devices: string[];

const open = async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3, updatesPerDevice: 0 });
  const rows = await queryRows<{ id: string }>(
    world.database.db,
    sql`select external_id as id from tenant_external_entity_mappings where asset_id is not null order by 1`,
  );
  devices = rows.map(({ id }) => id);
};

/** Every cell of the assets in an undo, without write times and minute-to-minute values. */
async function cells(): Promise<Map<string, string>> {
  const rows = await queryRows<{ id: string; cell: string; value: unknown }>(
    world.database.db,
    sql`select a.id, c.key as cell, c.value
        from assets a left join asset_details d on d.asset_id = a.id
        cross join lateral (
          select * from jsonb_each((to_jsonb(a) - array['updated_at', 'undone'])
            || coalesce(to_jsonb(d) - array['updated_at', 'findings', 'pending_os_patches', 'pending_since', 'pending_categories', 'system_info'], '{}')
            || jsonb_build_object('disks', disks_without_free_space(d.disks)))
          union all
          select 'info.' || key, value from jsonb_each(d.system_info - 'groupId')
        ) c
        where a.tenant_id = ${world.tenantId}`,
  );
  return new Map(rows.map(({ id, cell, value }) => [`${id} ${cell}`, JSON.stringify(value)]));
}

const undo = (runId: string) => undoRun(world.deps, { tenantId: world.tenantId, runId }, TEST_ACTOR);
const row = async (device: string) => (await assetOf(world, device))!.asset;

async function edit(device: string, change: { name?: string; location?: string }) {
  const { id } = await row(device);
  const { tenantId, database, deps } = world;
  const stored = (await withTenant(database.db, tenantId, (tx) => getAsset(tx, tenantId, id)))!;
  const fields = fieldsOf(stored);
  const version = assetVersion(fields, stored.overriddenFields);
  await editAsset(deps, { tenantId, assetId: id }, { ...fields, ...change }, version, TEST_ACTOR);
}

describe("undoing a run", () => {
  beforeEach(open);
  afterEach(() => world.close());

  it("restores fields, and no sync repeats the change until Level reports another value", async () => {
    const [device] = devices as [string];
    const before = await cells();
    const { account } = world.simulator;
    account.patchDevice(device, {
      nickname: "Wrong name",
      last_logged_in_user: "CORP\\wrong",
      serial_number: "WR0NG-5ERIAL",
      security_score: 3,
      notes: "Wrong",
    });
    const run = await world.sync("full");
    expect(await cells()).not.toEqual(before);
    expect(await undo(run.id)).toMatchObject({ state: "undone", assets: 1 });
    expect(await cells()).toEqual(before);

    await world.sync("full");
    expect(await cells()).toEqual(before);
    account.patchDevice(device, { city: "Elsewhere" });
    await world.sync("full");
    expect(await row(device)).toMatchObject({ location: expect.stringContaining("Elsewhere") as string });
    const { name } = await row(device);
    expect(name).not.toBe("Wrong name");

    account.patchDevice(device, { nickname: "Right name" });
    await world.sync("full");
    expect(await row(device)).toMatchObject({ name: "Right name", undone: { notes: "Wrong" } });
    account.patchDevice(device, { nickname: "Wrong name" });
    await world.sync("full");
    expect((await row(device)).name).toBe("Wrong name");
  });

  it("leaves alone what a person or a later run has changed since, and says so before", async () => {
    const [one, other, third] = devices as [string, string, string];
    const { account } = world.simulator;
    for (const device of [one, other, third])
      account.patchDevice(device, { nickname: "Wrong", last_logged_in_user: "CORP\\wrong" });
    const before = await row(third);
    const run = await world.sync("full");
    await edit(one, { name: "By hand" });
    account.patchDevice(other, { nickname: "By Level" });
    await world.sync("full");
    const { sums } = await readUndoPreview(world.database.db, { tenantId: world.tenantId, runId: run.id });
    expect(sums).toMatchObject({ fields: 2 + 1 + 3, changed: 2, held: 1 });
    await undo(run.id);
    expect((await row(one)).name).toBe("By hand");
    expect((await row(other)).name).toBe("By Level");
    expect((await row(third)).name).toBe(before.name);
    expect(await undo(run.id)).toEqual({ state: "nothing_to_undo" });
  });

  it("returns a moved asset to its client, whatever the following syncs do", async () => {
    const [device] = devices as [string];
    const former = (await row(device)).clientId;
    const client = await createClient(world.database.db, { tenantId: world.tenantId, name: "Elsewhere" });
    const group = world.simulator.account.addGroup({ name: "Elsewhere" });
    await world.sync("organizations");
    await world.database.db
      .update(rmmOrganizationMappings)
      .set({ state: "mapped", clientId: client.id })
      .where(eq(rmmOrganizationMappings.externalId, group.id));
    world.simulator.account.moveDevice(device, group.id);
    const run = await world.sync("full");
    expect((await row(device)).clientId).toBe(client.id);
    await undo(run.id);
    expect((await row(device)).clientId).toBe(former);
    await world.sync("full");
    await world.sync("device", device);
    world.simulator.account.patchDevice(device, { notes: "Something else" });
    await world.sync("full");
    expect((await row(device)).clientId).toBe(former);
    const moves = await world.database.db.select().from(auditLog).where(eq(auditLog.action, "asset.moved"));
    expect(moves.map(({ details }) => details["toClientId"])).toEqual([client.id, former]);
  });

  it("returns an asset that lost its client to it, and keeps it there", async () => {
    const [device] = devices as [string];
    const former = (await row(device)).clientId;
    const before = await cells();
    const group = world.simulator.account.addGroup({ name: "Nobody's" });
    world.simulator.account.moveDevice(device, group.id);
    const run = await world.sync("full");
    expect((await row(device)).clientId).toBeNull();
    await undo(run.id);
    expect(await cells()).toEqual(before);
    world.simulator.account.patchDevice(device, { notes: "Something else" });
    await world.sync("full");
    expect((await row(device)).clientId).toBe(former);
  });

  it("takes the client that it was the first to give an asset, and no sync gives it again", async () => {
    const [device] = devices as [string];
    const { account } = world.simulator;
    const groups = await prepare();
    account.moveDevice(device, groups.get("Nobody's")!);
    await world.sync("full");
    const before = await cells();
    expect((await row(device)).clientId).toBeNull();
    account.moveDevice(device, groups.get("East")!);
    const run = await world.sync("full");
    expect((await row(device)).clientId).not.toBeNull();

    expect(await undo(run.id)).toMatchObject({ state: "undone", assets: 1, fields: 1 });
    expect(await cells()).toEqual(before);
    const reason = async () =>
      (await world.deviceRows()).find((mapping) => mapping["external_id"] === device)!["skip_reason"];
    expect(await reason()).toBe("undone");

    account.patchDevice(device, { notes: "Something else" });
    await world.sync("full");
    await world.sync("device", device);
    expect((await row(device)).clientId).toBeNull();
    expect(await reason()).toBe("undone");

    account.moveDevice(device, groups.get("West")!);
    await world.sync("full");
    expect((await row(device)).clientId).not.toBeNull();
    expect(await row(device)).toMatchObject({ undone: {} });
    expect(await reason()).toBeNull();
  });

  it("brings back an asset whose device was missing, until Level has listed it again", async () => {
    const device = devices.at(-1)!;
    const before = await cells();
    world.simulator.account.removeDevice(device);
    const run = await world.sync("full");
    expect((await row(device)).status).toBe("gone");
    expect(await undo(run.id)).toMatchObject({ state: "undone", assets: 1 });
    expect(await cells()).toEqual(before);
    await world.sync("full");
    expect((await row(device)).status).toBe("active");
  });

  it("separates a device that it joined to an asset, for good", async () => {
    const [device] = devices as [string];
    const { clientId } = await row(device);
    const record = world.simulator.account.devices.require(device);
    const [made] = await world.database.db
      .insert(assets)
      .values({
        tenantId: world.tenantId,
        clientId,
        assetType: "server",
        name: "Entered by hand",
        serialNumber: "5CG9876XYZ",
        serialKey: "5CG9876XYZ",
        overriddenFields: ["name"],
      })
      .returning();
    const before = await cells();
    const added = world.simulator.account.addDevice({
      group_id: record.group_id,
      hostname: "NEW-1",
      nickname: null,
      role: "workstation",
      serial_number: "5CG9876XYZ",
      network_interfaces: [],
    });
    const run = await world.sync("full");
    expect((await row(added.id)).id).toBe(made!.id);
    expect(await undo(run.id)).toMatchObject({ state: "undone", links: 1 });
    const after = await cells();
    for (const [cell, value] of before) expect([cell, after.get(cell)]).toEqual([cell, value]);
    await world.sync("full");
    const own = await row(added.id);
    expect(own.id).not.toBe(made!.id);
    expect(own).toMatchObject({
      name: "NEW-1",
      assetType: "workstation",
      serialNumber: "5CG9876XYZ",
      clientId,
    });
    const later = await cells();
    for (const [cell, value] of before) expect([cell, later.get(cell)]).toEqual([cell, value]);
  });

  it("is recorded, with the person, in the audit log, on the run and in the history", async () => {
    world.simulator.account.patchDevice(devices[0]!, { notes: "Wrong" });
    const run = await world.sync("full");
    await undo(run.id);
    const [entry] = await world.database.db.select().from(auditLog).where(eq(auditLog.action, "run.undone"));
    expect(entry).toMatchObject({
      actor: "test",
      targetId: run.id,
      details: { assets: 1, fields: 1, links: 0 },
    });
    const changes = await queryRows(
      world.database.db,
      sql`select field, before, after, actor, run_id from asset_changes where actor = 'test'`,
    );
    expect(changes).toMatchObject([{ field: "notes", before: "Wrong", actor: "test", run_id: null }]);
  });
});

const patch = fc.oneof(
  fc.record({ nickname: fc.constantFrom("A", "B", "C") }),
  fc.record({ last_logged_in_user: fc.constantFrom("x", "y", null) }),
  fc.record({ serial_number: fc.constantFrom("5CG0000XA1", "5CG0000XB2", "To be filled by O.E.M.", null) }),
  fc.record({ security_score: fc.constantFrom(1, 2, 3, null) }),
  fc.record({ role: fc.constantFrom("server", "workstation", null) }),
  fc.record({ city: fc.constantFrom("Bern", "Basel", null), country: fc.constant("Switzerland") }),
  fc.record({ tags: fc.subarray(["a", "b"]) }),
  fc.record({ hostname: fc.constantFrom("H-1", "H-2") }),
  fc.record({
    cpu_cores: fc.constantFrom(2, 4, 8),
    total_memory: fc.constantFrom(8 * 2 ** 30, 16 * 2 ** 30),
  }),
  fc.record({
    disk_partitions: fc.constantFrom(
      [],
      [
        {
          label: "C",
          mount_point: "C:",
          encrypted: true,
          primary: true,
          size: 1000,
          free_space: 400,
          file_system: "NTFS",
        },
      ],
      [
        {
          label: "C",
          mount_point: "C:",
          encrypted: true,
          primary: true,
          size: 1000,
          free_space: 300,
          file_system: "NTFS",
        },
        {
          label: "D",
          mount_point: "D:",
          encrypted: true,
          primary: false,
          size: 500,
          free_space: 90,
          file_system: "NTFS",
        },
      ],
    ),
  }),
);
const which = fc.nat({ max: 3 });
/** Assets added by hand. */
const SERIALS = ["5CG1111AAA", "5CG2222BBB"] as const;
const batch = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.record({ device: which, patch }), { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.record({ editOf: which, name: fc.constantFrom("By hand 1", "By hand 2") }) },
  { weight: 1, arbitrary: fc.record({ leaver: fc.integer({ min: 4, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ mover: which, to: fc.constantFrom("East", "West", "Nobody's") }) },
  { weight: 1, arbitrary: fc.record({ joins: fc.constantFrom(...SERIALS) }) },
);
type Batch = typeof batch extends fc.Arbitrary<infer T> ? T : never;

describe("undoing any run after any runs and edits", () => {
  it("restores the former rows, except what was changed later, and the next sync leaves them too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.nat(), async (batches, pick) => {
        await open();
        try {
          await check(batches, pick);
        } finally {
          await world.close();
        }
      }),
      {
        numRuns: 16,
        examples: [
          [
            [
              { mover: 3, to: "Nobody's" },
              { mover: 3, to: "East" },
              { mover: 0, to: "East" },
            ],
            1,
          ],
        ],
      },
    );
  });
});

/** Groups to move to, two of them with a client of their own, and assets that Level does not know yet. */
async function prepare(): Promise<Map<string, string>> {
  const { database, tenantId, simulator } = world;
  const groups = new Map(
    ["East", "West", "Nobody's"].map((name) => [name, simulator.account.addGroup({ name }).id]),
  );
  await world.sync("organizations");
  for (const name of ["East", "West"]) {
    const client = await createClient(database.db, { tenantId, name });
    await database.db
      .update(rmmOrganizationMappings)
      .set({ state: "mapped", clientId: client.id })
      .where(eq(rmmOrganizationMappings.externalId, groups.get(name)!));
  }
  const { clientId } = await row(devices[0]!);
  await database.db.insert(assets).values(
    SERIALS.map((serial) => ({
      tenantId,
      clientId,
      assetType: "workstation" as const,
      name: `By hand, ${serial}`,
      serialNumber: serial,
      serialKey: serial,
    })),
  );
  return groups;
}

async function check(batches: Batch[], pick: number): Promise<void> {
  const { account } = world.simulator;
  const groups = await prepare();
  const home = account.devices.require(devices[0]!).group_id;
  const runs: {
    id: string;
    isJoin: boolean;
    before: Map<string, string>;
    after: Map<string, string>;
  }[] = [];
  for (const step of batches) {
    if ("editOf" in step) {
      await edit(devices[step.editOf]!, { name: step.name });
      continue;
    }
    if ("leaver" in step) {
      if (account.devices.get(devices[step.leaver]!) === undefined) continue;
      account.removeDevice(devices[step.leaver]!);
    } else if ("mover" in step) {
      account.moveDevice(devices[step.mover]!, groups.get(step.to)!);
    } else if ("joins" in step) {
      if ([...account.devices].some((device) => device.serial_number === step.joins)) continue;
      const machine = { hostname: step.joins, nickname: null, network_interfaces: [] };
      account.addDevice({ ...machine, group_id: home, serial_number: step.joins });
    } else
      for (const { device, patch: fields } of step) {
        // Level's values for a device without a client are written once it has one: the sync after the undo would.
        if (account.devices.require(devices[device]!).group_id === groups.get("Nobody's")) continue;
        account.patchDevice(devices[device]!, fields);
      }
    const before = await cells();
    const { id } = await world.sync("full");
    runs.push({ id, isJoin: "joins" in step, before, after: await cells() });
  }
  if (runs.length === 0) return;
  const undone = runs[pick % runs.length]!;
  const now = await cells();
  const expected = new Map(
    [...now].flatMap(([cell, value]) => {
      const { before, after } = undone;
      const isLater = value !== after.get(cell);
      const was = isLater ? value : before.get(cell);
      return was === undefined ? [] : [[cell, was] as const];
    }),
  );
  for (const [cell, value] of undone.before)
    if (!now.has(cell) && !undone.after.has(cell)) expected.set(cell, value);
  // A device that is separated from an asset has one of its own from then on.
  const known = new Set([...expected.keys()].map(assetOfCell));
  const ofKnown = (map: Map<string, string>) =>
    undone.isJoin ? new Map([...map].filter(([cell]) => known.has(assetOfCell(cell)))) : map;
  await undo(undone.id);
  expect(sorted(ofKnown(await cells()))).toEqual(sorted(expected));
  await world.sync("full");
  expect(sorted(ofKnown(await cells()))).toEqual(sorted(expected));
}

const assetOfCell = (cell: string) => cell.slice(0, cell.indexOf(" "));

const sorted = (map: Map<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
