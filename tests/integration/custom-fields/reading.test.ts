import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { disconnect } from "~/features/connections/disconnect.server";
import { listConnectionsToRead } from "~/features/custom-fields/connections-to-read";

import {
  readAll,
  readEvery,
  readSome,
  scheduleOf,
  valuesInLevel,
  valuesOf,
} from "../../support/custom-fields";
import { assetOf, TEST_ACTOR, type SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

const DEVICES = 25;

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncedWorld({ devices: DEVICES, alerts: 0 });
  world.setNow(new Date("2026-11-02T08:00:00.000Z"));
});
afterEach(() => world.close());

const listed = () =>
  queryRows<{ externalId: string }>(
    world.database.db,
    sql`select external_id as "externalId" from tenant_external_entity_mappings
        where asset_id is not null and gone_at is null order by external_id`,
  );
const fieldNames = async () =>
  (
    await queryRows<{ name: string }>(world.database.db, sql`select name from custom_fields order by name`)
  ).map(({ name }) => name);
const history = () =>
  queryRows(
    world.database.db,
    sql`select field, before, after from asset_changes where field like 'customField:%' order by id`,
  );
const fieldId = (name: string) =>
  [...world.simulator.account.customFields].find((field) => field.name === name)!.id;
const asked = () => world.simulator.stats.byResource.custom_field_values ?? 0;
const later = (hours: number) => world.setNow(new Date(Date.UTC(2026, 10, 2, 8 + hours)));
const all = ["After hours code", "Backup", "Inventory tag", "Site contact", "Warranty until"];

describe("custom fields", () => {
  it("are not read until somebody switches them on", async () => {
    expect(await readAll(world)).toEqual({ state: "stopped" });
    expect(await listConnectionsToRead(world.deps)).toEqual([]);
    expect(world.simulator.stats.requests).toBe(0);
  });

  it("are read once switched on, with one call for each device that has an asset, and never written in Level", async () => {
    await readEvery(world, "daily");
    expect(await listConnectionsToRead(world.deps)).toHaveLength(1);
    expect(await readAll(world)).toEqual({ state: "done" });
    expect(await fieldNames()).toEqual(all);
    const devices = await listed();
    for (const { externalId } of devices)
      expect(await valuesOf(world, externalId)).toEqual(valuesInLevel(world, externalId));
    expect(asked()).toBe(devices.length);
    expect(world.simulator.stats).toMatchObject({ writes: 0, unknownParams: {} });
    expect(await scheduleOf(world)).toMatchObject({
      startedAt: null,
      lastTotal: devices.length,
      lastRead: devices.length,
      lastFailed: 0,
      error: null,
      nextDueAt: new Date("2026-11-03T08:00:00.000Z"),
    });
    expect(await listConnectionsToRead(world.deps)).toEqual([]);
    later(25);
    expect(await listConnectionsToRead(world.deps)).toHaveLength(1);
  });

  it("are read up to the limit per minute, and continue after the last device that was read", async () => {
    await readEvery(world, "weekly");
    const devices = await listed();
    expect(await readSome(world, 12)).toEqual({ state: "more" });
    expect(await scheduleOf(world)).toMatchObject({ read: 12, total: devices.length });
    expect(asked()).toBe(12);
    expect(await listConnectionsToRead(world.deps)).toHaveLength(1);
    expect(await readAll(world)).toEqual({ state: "done" });
    expect(asked()).toBe(devices.length);
  });

  it("keep the history of a changed value, but not of its first reading, nor of an admins' field", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    expect(await history()).toEqual([]);
    const [device] = await listed();
    const { account } = world.simulator;
    const before = valuesInLevel(world, device!.externalId);
    account.setCustomFieldValue(fieldId("Site contact"), device!.externalId, "Ada, ext. 7");
    account.setCustomFieldValue(fieldId("Backup"), device!.externalId, null);
    account.setCustomFieldValue(fieldId("After hours code"), device!.externalId, "1234");
    later(25);
    expect(await readAll(world)).toEqual({ state: "done" });
    expect(await valuesOf(world, device!.externalId)).toEqual(valuesInLevel(world, device!.externalId));
    expect(await history()).toEqual([
      { field: "customField:Backup", before: before["Backup"], after: null },
      { field: "customField:Site contact", before: before["Site contact"] ?? null, after: "Ada, ext. 7" },
    ]);
  });

  it("that become admins' fields are removed from the history", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    const [device] = await listed();
    world.simulator.account.setCustomFieldValue(fieldId("Backup"), device!.externalId, "Secret vault");
    later(25);
    await readAll(world);
    expect(await history()).toHaveLength(1);
    world.simulator.account.patchCustomField(fieldId("Backup"), { admin_only: true });
    later(50);
    await readAll(world);
    expect(await history()).toEqual([]);
  });

  it("that Level no longer lists stay for one list that may have been cut, and go with the second", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    const fault = world.simulator.faults.add({ kind: "empty_list", resource: "custom_fields" });
    later(25);
    expect(await readAll(world)).toEqual({ state: "done" });
    expect(await fieldNames()).toEqual(all);
    fault.remove();
    later(50);
    await readAll(world);
    world.simulator.account.removeCustomField(fieldId("Backup"));
    later(75);
    await readAll(world);
    expect(await fieldNames()).toEqual(all);
    later(100);
    await readAll(world);
    expect(await fieldNames()).toEqual(all.filter((name) => name !== "Backup"));
  });

  it("are not removed because of a list that ends with an error", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    for (const hours of [25, 50]) {
      later(hours);
      world.simulator.faults.add({ kind: "empty_with_more", resource: "custom_fields", times: 1 });
      expect(await readAll(world)).toEqual({ state: "gave_up" });
    }
    expect(await fieldNames()).toEqual(all);
  });

  it("that the key may not read say so, cost one call, and are requested again when due", async () => {
    world.simulator.faults.add({ kind: "forbidden", resource: "custom_fields" });
    await readEvery(world, "daily");
    expect(await readAll(world)).toEqual({ state: "gave_up" });
    expect(world.simulator.stats.requests).toBe(1);
    expect(await scheduleOf(world)).toMatchObject({
      error: "This API key may not read custom fields.",
      hint: expect.stringContaining("Read-only"),
      nextDueAt: new Date("2026-11-03T08:00:00.000Z"),
    });
    expect(await listConnectionsToRead(world.deps)).toEqual([]);
  });

  it("wait as long as Level asks, and lose nothing by it", async () => {
    await readEvery(world, "daily");
    world.simulator.faults.add({
      kind: "rate_limit",
      retryAfter: 600,
      resource: "custom_field_values",
      afterRequests: 5,
      times: 1,
    });
    expect(await readAll(world)).toEqual({ state: "waiting" });
    const { read, waitUntil } = await scheduleOf(world);
    expect(read).toBeGreaterThan(0);
    expect(waitUntil).toEqual(new Date("2026-11-02T08:10:00.000Z"));
    expect(await listConnectionsToRead(world.deps)).toEqual([]);
    later(1);
    expect(await listConnectionsToRead(world.deps)).toHaveLength(1);
    expect(await readAll(world)).toEqual({ state: "done" });
    const devices = await listed();
    expect(await scheduleOf(world)).toMatchObject({ lastRead: devices.length, lastFailed: 0, error: null });
  });

  it("that Level refuses for one device are missing only for that device", async () => {
    await readEvery(world, "daily");
    world.simulator.faults.add({
      kind: "status",
      status: 422,
      resource: "custom_field_values",
      afterRequests: 3,
      times: 1,
    });
    expect(await readAll(world)).toEqual({ state: "done" });
    const devices = await listed();
    expect(await scheduleOf(world)).toMatchObject({ lastRead: devices.length - 1, lastFailed: 1 });
  });

  it("that Level refuses for every device are abandoned after twenty", async () => {
    await readEvery(world, "daily");
    world.simulator.faults.add({ kind: "status", status: 422, resource: "custom_field_values" });
    expect(await readAll(world)).toEqual({ state: "gave_up" });
    expect(asked()).toBe(20);
    expect((await scheduleOf(world)).error).toContain("refused");
  });

  it("end with the connection, and with their schedule", async () => {
    await readEvery(world, "daily");
    await readSome(world, 5);
    await readEvery(world, "off");
    expect(await readSome(world, 5)).toEqual({ state: "stopped" });
    expect(await scheduleOf(world)).toMatchObject({ startedAt: null, cursor: null, nextDueAt: null });
    await readEvery(world, "daily");
    await readSome(world, 5);
    const { tenantId, connectionId, deps } = world;
    await disconnect(deps, { tenantId, connectionId, assets: "keep", actor: TEST_ACTOR });
    const before = asked();
    expect(await readSome(world, 5)).toEqual({ state: "stopped" });
    expect(await listConnectionsToRead(deps)).toEqual([]);
    expect(asked()).toBe(before);
  });

  it("write nothing for a connection that is disconnected while Level answers", async () => {
    await readEvery(world, "daily");
    const { tenantId, connectionId, deps } = world;
    let isFirst = true;
    const reading = {
      ...deps,
      openProvider: async (...given: Parameters<typeof deps.openProvider>) => {
        const provider = await deps.openProvider(...given);
        return {
          ...provider,
          getCustomFieldValues: async (id: string) => {
            if (isFirst)
              await disconnect(deps, { tenantId, connectionId, assets: "keep", actor: TEST_ACTOR });
            isFirst = false;
            return provider.getCustomFieldValues(id);
          },
        };
      },
    };
    expect(await readAll({ ...world, deps: reading })).toEqual({ state: "stopped" });
    const [device] = await listed();
    expect(await valuesOf(world, device!.externalId)).toEqual({});
  });
});

describe("refreshing an asset", () => {
  it("reads its custom fields with one more call, once they have been read", async () => {
    const [device] = await listed();
    const contact = fieldId("Site contact");
    world.simulator.account.setCustomFieldValue(contact, device!.externalId, "Ada");
    await world.sync("device", device!.externalId);
    expect(asked()).toBe(0);
    await readEvery(world, "daily");
    await readAll(world);
    const before = asked();
    world.simulator.account.setCustomFieldValue(contact, device!.externalId, "Grace");
    expect(await world.sync("device", device!.externalId)).toMatchObject({ status: "completed" });
    expect(asked()).toBe(before + 1);
    expect(await valuesOf(world, device!.externalId)).toMatchObject({ "Site contact": "Grace" });
  });

  it("takes them from the device's own record if it includes them", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    const [device] = await listed();
    const before = asked();
    world.simulator.account.patchDevice(device!.externalId, { custom_fields: { "Site contact": "Lin" } });
    await world.sync("device", device!.externalId);
    expect(asked()).toBe(before);
    expect(await valuesOf(world, device!.externalId)).toEqual({ "Site contact": "Lin" });
  });

  it("succeeds even if its custom fields cannot be read", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    const [device] = await listed();
    const before = await valuesOf(world, device!.externalId);
    world.simulator.faults.add({ kind: "forbidden", resource: "custom_field_values" });
    expect(await world.sync("device", device!.externalId)).toMatchObject({ status: "completed" });
    expect(await valuesOf(world, device!.externalId)).toEqual(before);
  });
});

describe("a value of a custom field", () => {
  it("of 10 KB without blanks is stored up to its limit, and found by its beginning", async () => {
    const [device] = await listed();
    world.simulator.account.setCustomFieldValue(fieldId("Backup"), device!.externalId, "漢".repeat(10_000));
    await readEvery(world, "daily");
    expect(await readAll(world)).toEqual({ state: "done" });
    expect((await valuesOf(world, device!.externalId))["Backup"]).toHaveLength(4_000);
  });

  it("goes with its asset", async () => {
    await readEvery(world, "daily");
    await readAll(world);
    const [device] = await listed();
    const { asset } = (await assetOf(world, device!.externalId))!;
    await world.database.db.execute(sql`delete from assets where id = ${asset.id}`);
    expect(await valuesOf(world, device!.externalId)).toEqual({});
  });
});
