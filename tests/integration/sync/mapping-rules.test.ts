import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { listGroups, type GroupRow } from "@db/queries/device-sync/groups";
import { listPlannedGroups } from "@db/queries/device-sync/planned";
import { getRun } from "@db/queries/sync-runs/runs";
import { listPlannedAfter } from "@db/queries/sync-runs/plan-list";
import {
  assets,
  auditLog,
  clientContacts,
  clients,
  clientSites,
  mappingRules,
  rmmPlannedChanges,
} from "@db/schema";
import {
  applyMapping,
  planMapping,
  readCodedMapping,
  type GivenMapping,
} from "~/features/mapping/mapping-code.server";
import { readMappingFile, writeMappingFile } from "~/features/mapping/mapping-file.server";
import { saveMapping } from "~/features/mapping/mapping.server";
import { runDirect } from "~/features/sync-execution/run-direct";
import { applyDryRun } from "~/features/sync-runs/apply-dry-run.server";
import { readMapping } from "~/features/mapping/mapping.page.server";

import { TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

let world: SyncWorld;
let top: GroupRow;

beforeEach(async () => {
  world = await createSyncedWorld({ devices: 30, seed: 3, updatesPerDevice: 0 });
  top = (await groups()).find(({ parentExternalId }) => parentExternalId === null)!;
});
afterEach(() => world.close());

const groups = () =>
  withTenant(world.database.db, world.tenantId, (tx) => listGroups(tx, world.tenantId, world.connectionId));
const groupOf = async (externalId: string) =>
  (await groups()).find((group) => group.externalId === externalId)!;
const clientNamed = async (name: string) =>
  (await world.database.db.select().from(clients).where(eq(clients.name, name)))[0];
const apply = async (given: GivenMapping) => {
  const outcome = await applyMapping(world.deps, world, given, TEST_ACTOR);
  if (outcome.state !== "applied") throw new Error(JSON.stringify(outcome));
  return outcome;
};
const plannedOf = (runId: string) =>
  withTenant(world.database.db, world.tenantId, (tx) =>
    listPlannedAfter(tx, world.tenantId, runId, everything, { after: "", limit: 100 }),
  );
const everything = { action: undefined, clientId: undefined, text: undefined };
const byPath = { pattern: "{client}/**", state: "mapped" as const, client: "{client} Ltd" };

describe("rules by path", () => {
  it("map groups without a decision, also one that a later sync finds, and their devices", async () => {
    await apply({ groups: [], rules: [byPath] });
    const made = (await clientNamed(`${top.name} Ltd`))!;
    expect(await groupOf(top.externalId)).toMatchObject({ state: "mapped", clientId: made.id });
    const late = world.simulator.account.addGroup({ name: "Late Corp" });
    const [device] = world.simulator.account.devices.ids();
    world.simulator.account.moveDevice(device!, late.id);
    await world.sync("full");
    const client = (await clientNamed("Late Corp Ltd"))!;
    expect(await groupOf(late.id)).toMatchObject({ state: "mapped", clientId: client.id });
    const entries = await world.database.db.select().from(auditLog);
    expect(entries.filter(({ details }) => (details as { byRules?: boolean } | null)?.byRules)).toHaveLength(
      1,
    );
    const before = await groups();
    await world.sync("full");
    expect(await groups()).toEqual(before);
  });

  it("make a renamed group follow its new name, and keep a client that was renamed here", async () => {
    await apply({ groups: [], rules: [byPath] });
    const made = (await clientNamed(`${top.name} Ltd`))!;
    await world.database.db.update(clients).set({ name: "Called other" }).where(eq(clients.id, made.id));
    await world.sync("full");
    expect((await groupOf(top.externalId)).clientId).toBe(made.id);
    expect(await clientNamed(`${top.name} Ltd`)).toBeUndefined();
    world.simulator.account.renameGroup(top.externalId, "Renamed");
    await world.sync("full");
    expect((await groupOf(top.externalId)).clientId).toBe((await clientNamed("Renamed Ltd"))!.id);
  });

  it("yield to a decision on the group, and apply again when it is removed", async () => {
    await apply({ groups: [], rules: [byPath] });
    const edit = (state: "excluded" | "inherit") =>
      saveMapping(world.deps, world, [{ externalId: top.externalId, state }], TEST_ACTOR);
    await edit("excluded");
    await world.sync("full");
    expect(await groupOf(top.externalId)).toMatchObject({ state: "excluded", ruleId: null });
    await edit("inherit");
    expect(await groupOf(top.externalId)).toMatchObject({ state: "mapped", ruleClient: `${top.name} Ltd` });
  });

  it("are previewed with the number of groups and the effect of the next full sync, which then follows", async () => {
    const wiped = { groups: [], rules: [] };
    await apply(wiped);
    await world.sync("full");
    const devices = (await world.database.db.select().from(assets)).length;
    const given = { groups: [], rules: [{ ...byPath, pattern: `${top.name}/**`, client: "One" }, byPath] };
    const plan = await planMapping(world.deps, world, given);
    if (plan.state !== "planned") throw new Error(JSON.stringify(plan));
    expect(plan.rules).toMatchObject([
      { client: "One", change: "added", groups: expect.any(Number) },
      { client: "{client} Ltd", change: "added" },
    ]);
    expect(plan.rules.reduce((sum, rule) => sum + rule.groups, 0)).toBe((await groups()).length);
    expect(plan.effect.newClients).toContain("One");
    expect(await world.database.db.select().from(mappingRules)).toEqual([]);
    await apply(given);
    await world.sync("full");
    const one = (await clientNamed("One"))!;
    const ofOne = await world.database.db.select().from(assets).where(eq(assets.clientId, one.id));
    const moved = [...plan.effect.created, ...plan.effect.joined, ...plan.effect.moved];
    const foreseen = moved.filter(({ to }) => to === "One").reduce((sum, move) => sum + move.devices, 0);
    expect(ofOne).toHaveLength(foreseen);
    expect(devices).toBeGreaterThan(0);
  });

  it("are the same after export, wipe and apply, and differences from the file are found", async () => {
    const excluded = { pattern: "**/Lab*", state: "excluded" as const, client: null };
    await apply({ groups: [{ path: top.name, state: "excluded", client: null }], rules: [excluded, byPath] });
    const exported = (await readCodedMapping(world.deps, world))!;
    expect(exported.rules).toEqual([excluded, byPath]);
    const stored = await groups();
    const decided = (rows: GroupRow[]) => rows.map(({ assignedMs: _, ruleId: __, ...row }) => row);
    expect(await planMapping(world.deps, world, exported)).toMatchObject({
      changes: [],
      rules: [{ change: "none" }, { change: "none" }],
    });
    const swapped = { ...exported, rules: [byPath, excluded] };
    expect(await planMapping(world.deps, world, swapped)).toMatchObject({
      rules: [{ change: "moved" }, { change: "moved" }],
    });
    await apply({ groups: [], rules: [] });
    expect((await groups()).every(({ state }) => state === "inherit")).toBe(true);
    await apply(exported);
    expect(decided(await groups())).toEqual(decided(stored));
    const { version: _, ...again } = (await readCodedMapping(world.deps, world))!;
    expect(exported).toMatchObject(again);
    // A file without rules leaves them.
    await apply({ groups: exported.groups });
    expect((await readCodedMapping(world.deps, world))!.rules).toEqual([excluded, byPath]);
  });

  it("give their groups a site and a contact, made once, also a group that a later sync finds", async () => {
    const bySite = {
      ...{ pattern: "{site}/**", state: "mapped" as const, client: "One" },
      ...{ site: "{site} office", contact: "Ann" },
    };
    await apply({ groups: [], rules: [bySite] });
    const one = (await clientNamed("One"))!;
    const sitesNow = async () =>
      new Map((await world.database.db.select().from(clientSites)).map(({ id, name }) => [id, name]));
    const siteOf = async (externalId: string) =>
      (await sitesNow()).get((await groupOf(externalId)).siteId ?? "");
    expect(await siteOf(top.externalId)).toBe(`${top.name} office`);
    const contacts = await world.database.db.select().from(clientContacts);
    expect(contacts).toMatchObject([{ name: "Ann", clientId: one.id }]);
    expect((await readCodedMapping(world.deps, world))!.rules).toEqual([bySite]);
    await world.sync("full");
    const late = world.simulator.account.addGroup({ name: "Late Corp" });
    const [device] = world.simulator.account.devices.ids();
    world.simulator.account.moveDevice(device!, late.id);
    await world.sync("full");
    expect(await siteOf(late.id)).toBe("Late Corp office");
    const placed = await world.database.db.select().from(assets);
    expect(placed.every(({ siteId, contactId }) => siteId !== null && contactId === contacts[0]!.id)).toBe(
      true,
    );
    // A site that was renamed here stays the group's.
    const { siteId } = await groupOf(top.externalId);
    await world.database.db.update(clientSites).set({ name: "Mitte" }).where(eq(clientSites.id, siteId!));
    await world.sync("full");
    expect(await siteOf(top.externalId)).toBe("Mitte");
    const plan = await planMapping(world.deps, world, (await readCodedMapping(world.deps, world))!);
    expect(plan).toMatchObject({ changes: [], rules: [{ change: "none" }], effect: { placed: 0 } });
  });

  it("are the same in a file of JSON and of CSV, with their sites and contacts", async () => {
    await apply({ groups: [], rules: [{ ...byPath, site: "Main, “{client}”", contact: "=Ann" }] });
    const coded = (await readCodedMapping(world.deps, world))!;
    for (const format of ["json", "csv"] as const) {
      const read = readMappingFile(writeMappingFile(coded, format), format);
      if (read.state !== "read") throw new Error(JSON.stringify(read));
      expect(read.rules).toEqual([expect.objectContaining(coded.rules[0]!)]);
      expect(await planMapping(world.deps, world, read)).toMatchObject({
        changes: [],
        rules: [{ change: "none" }],
      });
    }
  });

  it("name the rule and the column at fault, and write nothing", async () => {
    const bad = [byPath, { ...byPath, pattern: " {CLIENT} / ** " }, { ...byPath, pattern: "A/**" }];
    expect(await applyMapping(world.deps, world, { groups: [], rules: bad }, TEST_ACTOR)).toEqual({
      state: "invalid",
      problems: [
        expect.objectContaining({ list: "rules", row: 1, column: "pattern" }),
        expect.objectContaining({ list: "rules", row: 2, column: "client" }),
      ],
    });
    expect(await world.database.db.select().from(mappingRules)).toEqual([]);
  });

  it("apply in a dry run, also to a group that it finds", async () => {
    await apply({ groups: [], rules: [{ pattern: "**", state: "mapped", client: "Everything" }] });
    await world.sync("full");
    const late = world.simulator.account.addGroup({ name: "Late Corp" });
    const [device] = world.simulator.account.devices.ids();
    world.simulator.account.moveDevice(device!, late.id);
    const run = await world.sync("dry_run");
    const planned = await withTenant(world.database.db, world.tenantId, (tx) =>
      listPlannedGroups(tx, world.tenantId, run.id),
    );
    expect(planned.map(({ name }) => name)).toContain("Late Corp");
    const skipped = await world.database.db.select().from(rmmPlannedChanges);
    expect(skipped.filter(({ action }) => action === "skip" || action === "move")).toEqual([]);
  });

  it("show the new client and the site by name in a dry run, and the sync that applies it does the same", async () => {
    await apply({ groups: [], rules: [{ pattern: `${top.name}/**`, state: "mapped", client: "One" }] });
    await world.sync("full");
    await apply({
      groups: [],
      rules: [
        { pattern: `${top.name}/**`, state: "mapped", client: "One", site: "Berlin" },
        { pattern: "{client}/**", state: "mapped", client: "{client} Ltd", site: "Head office" },
      ],
    });
    const late = world.simulator.account.addGroup({ name: "Late Corp" });
    world.simulator.account.addDevice({ group_id: late.id, hostname: "LATE-01" });
    const [moved] = world.simulator.account.devices.ids();
    world.simulator.account.moveDevice(moved!, late.id);
    const dryRun = await world.sync("dry_run");
    expect(await clientNamed("Late Corp Ltd")).toBeUndefined();
    const planned = await plannedOf(dryRun.id);
    const made = planned.find(({ name }) => name === "LATE-01");
    const site = { field: "site", from: null, to: "Head office" };
    expect(made).toMatchObject({ action: "create", toClient: "Late Corp Ltd", changes: [site] });
    expect(planned.find(({ externalId }) => externalId === moved)).toMatchObject({
      fromClient: "One",
      toClient: "Late Corp Ltd",
      changes: expect.arrayContaining([site]),
    });
    const others = planned.filter(({ fromClient, toClient }) => fromClient === "One" && toClient === "One");
    expect(others.length).toBeGreaterThan(5);
    for (const { action, changes } of others) {
      expect(action).toBe("change");
      expect(changes).toContainEqual({ field: "site", from: null, to: "Berlin" });
    }
    const outcome = await applyDryRun(world.deps, { ...world, runId: dryRun.id }, TEST_ACTOR);
    if (outcome.state !== "queued") throw new Error(outcome.state);
    await runDirect(world.deps, { tenantId: world.tenantId, runId: outcome.run.id });
    const run = await withTenant(world.database.db, world.tenantId, (tx) =>
      getRun(tx, world.tenantId, outcome.run.id),
    );
    expect(run).toMatchObject({ status: "completed", divergences: 0 });
  });

  it("show on the mapping page which group follows which", async () => {
    await apply({ groups: [], rules: [byPath] });
    const page = (await readMapping(world.database.db, world.tenantId, world.connectionId))!;
    const shown = page.groups.find(({ id }) => id === top.externalId)!;
    expect(shown).toMatchObject({ state: "inherit", rule: { pattern: byPath.pattern, state: "mapped" } });
    expect(page.rules).toEqual([{ ...byPath, isClientArchived: false, groups: page.groups.length }]);
  });
});
