import { describe, expect, it } from "vitest";
import { Account, SIMULATOR_BASE_DATE, type LevelDevice } from "../../level-simulator";

function account(overrides: Partial<ConstructorParameters<typeof Account>[0]> = {}): Account {
  return new Account({
    devices: 600,
    seed: 7,
    baseDate: SIMULATOR_BASE_DATE,
    updatesPerDevice: 3,
    alerts: 200,
    ...overrides,
  });
}

const first = (ids: string[]) => {
  const [id] = ids;
  if (id === undefined) throw new Error("the list is empty");
  return id;
};

describe("the fleet", () => {
  it("is the same for the same seed and another for another", () => {
    const all = (fleet: Account) => JSON.stringify([...fleet.devices, ...fleet.updates, ...fleet.alerts]);
    expect(all(account())).toBe(all(account()));
    expect(all(account({ seed: 8 }))).not.toBe(all(account()));
  });

  it("keeps its devices when only the number of updates or alerts changes", () => {
    const more = account({ updatesPerDevice: 9, alerts: 5 });
    expect([...more.devices]).toEqual([...account().devices]);
  });

  it("has what real accounts have: nulls, junk, oddities", () => {
    const devices = [...account({ devices: 3000 }).devices];
    const some = (test: (device: LevelDevice) => boolean) => devices.filter(test).length;
    expect(some((device) => device.hostname === "")).toBeGreaterThan(0);
    expect(some((device) => /[^\x20-\x7e]/.test(JSON.stringify(device)))).toBeGreaterThan(0);
    expect(some((device) => device.serial_number === "To Be Filled By O.E.M.")).toBeGreaterThan(0);
    expect(
      some((device) => device.role === "domain_controller" && device.serial_number === null),
    ).toBeGreaterThan(0);
    expect(some((device) => device.operating_system.end_of_life)).toBeGreaterThan(0);
    expect(some((device) => device.disks.some((disk) => disk.size === 0))).toBeGreaterThan(0);
    expect(some((device) => device.disk_partitions.some((part) => part.size === undefined))).toBeGreaterThan(
      0,
    );
    expect(
      some((device) => device.network_interfaces[0]?.description === "Hyper-V Virtual Ethernet Adapter"),
    ).toBeGreaterThan(0);
    expect(some((device) => Array.isArray(device.network_interfaces[0]?.dns_servers))).toBeGreaterThan(0);
    expect(new Set(devices.map((device) => device.platform))).toEqual(
      new Set(["Windows", "Mac", "Linux", null]),
    );
    const monthAgo = SIMULATOR_BASE_DATE.getTime() - 30 * 86_400_000;
    expect(some((device) => Date.parse(device.last_seen_at ?? "") < monthAgo)).toBeGreaterThan(0);
    const ungrouped = some((device) => device.group_id === null) / devices.length;
    expect(ungrouped).toBeGreaterThan(0.01);
    expect(ungrouped).toBeLessThan(0.06);
  });

  it("gives a device about as many available updates as asked for", () => {
    const fleet = account({ devices: 2000, updatesPerDevice: 4 });
    const available = [...fleet.updates.keys()].filter((keys) => keys.available).length;
    expect(available / 2000).toBeGreaterThan(3.5);
    expect(available / 2000).toBeLessThan(4.5);
  });

  it("has alerts of all severities, active and resolved, some of a deleted device", () => {
    const fleet = account({ alerts: 1000 });
    const alerts = [...fleet.alerts];
    expect(new Set(alerts.map((alert) => alert.severity)).size).toBe(4);
    expect(alerts.every((alert) => alert.is_resolved === (alert.resolved_at !== null))).toBe(true);
    expect(new Set(alerts.map((alert) => alert.is_resolved)).size).toBe(2);
    expect(alerts.some((alert) => !fleet.devices.has(alert.device_id))).toBe(true);
  });

  it("nests groups: every parent exists, one branch is ten deep, every device's group is there", () => {
    const fleet = account();
    const depth = (id: string): number => {
      const parent = fleet.groups.require(id).parent_id;
      return parent === null ? 1 : 1 + depth(parent);
    };
    expect(Math.max(...fleet.groups.ids().map(depth))).toBe(10);
    expect(fleet.groups.countWithin(null)).toBe(10);
    for (const { groupId } of fleet.devices.keys())
      if (groupId !== null) expect(fleet.groups.has(groupId)).toBe(true);
  });

  it("can be empty", () => {
    const fleet = account({ devices: 0, alerts: 0 });
    expect([fleet.devices.size, fleet.groups.size, fleet.updates.size]).toEqual([0, 0, 0]);
    expect(fleet.addDevice().group_id).toBeNull();
  });
});

describe("changing the account", () => {
  it("moves a device and its groups' counts with it", () => {
    const fleet = account();
    const from = fleet.addGroup({ name: "Über-Lab" });
    const below = fleet.addGroup({ name: "Bench", parent_id: from.id });
    const device = fleet.addDevice({ group_id: below.id });
    expect(fleet.groups.require(from.id)).toMatchObject({
      child_ids: [below.id],
      device_count: 0,
      descendent_device_count: 1,
    });
    fleet.moveDevice(device.id, null);
    expect(fleet.devices.require(device.id).group_id).toBeNull();
    expect(fleet.groups.require(from.id).descendent_device_count).toBe(0);
  });

  it("survives a cycle of groups", () => {
    const fleet = account();
    const a = fleet.addGroup({ name: "A" });
    const b = fleet.addGroup({ name: "B", parent_id: a.id });
    fleet.moveGroup(a.id, b.id);
    expect(fleet.groups.require(a.id).child_ids).toEqual([b.id]);
    expect([...fleet.subtree(a.id)].sort()).toEqual([a.id, b.id].sort());
  });

  it("removes a group with everything below it and leaves its devices ungrouped", () => {
    const fleet = account();
    const top = fleet.addGroup({ name: "Top" });
    const below = fleet.addGroup({ name: "Below", parent_id: top.id });
    const device = fleet.addDevice({ group_id: below.id });
    fleet.removeGroup(top.id);
    expect(fleet.groups.has(below.id)).toBe(false);
    expect(fleet.devices.require(device.id).group_id).toBeNull();
  });

  it("shows a patched count instead of the true one", () => {
    const fleet = account();
    const group = fleet.addGroup({ name: "Odd" });
    fleet.patchGroup(group.id, { device_count: "12" });
    fleet.addDevice({ group_id: group.id });
    expect(fleet.groups.require(group.id)).toMatchObject({ device_count: "12", descendent_device_count: 1 });
  });

  it("removes a device's updates with it and leaves its alerts", () => {
    const fleet = account();
    const device = fleet.addDevice();
    const update = fleet.addUpdate(device.id);
    const alert = fleet.openAlert(device.id, { severity: "emergency" });
    fleet.removeDevice(device.id);
    expect(fleet.updates.has(update.id)).toBe(false);
    expect(fleet.alerts.require(alert.id)).toMatchObject({ device_id: device.id, severity: "emergency" });
    expect(() => fleet.moveDevice(device.id, null)).toThrow(/no record/);
  });

  it("renames a device in its updates and alerts too", () => {
    const fleet = account();
    const device = fleet.addDevice();
    const update = fleet.addUpdate(device.id);
    const alert = fleet.openAlert(device.id);
    fleet.renameDevice(device.id, "新しい名前");
    expect(fleet.updates.require(update.id).device_hostname).toBe("新しい名前");
    expect(fleet.alerts.require(alert.id).device_hostname).toBe("新しい名前");
  });

  it("stamps changes by its own clock, so that two runs are equal", () => {
    const [one, two] = [account(), account()].map((fleet) => {
      const id = first(fleet.devices.ids());
      fleet.advance(60_000);
      fleet.setOnline(id, false);
      const alert = fleet.openAlert(id);
      const update = fleet.addUpdate(id);
      return [fleet.resolveAlert(alert.id), fleet.installUpdate(update.id), fleet.devices.require(id)];
    });
    expect(one).toEqual(two);
    expect(one?.[0]).toMatchObject({ is_resolved: true, resolved_at: "2026-11-01T12:01:03.000Z" });
    expect(one?.[1]).toMatchObject({ is_available: false });
  });

  it("returns an alert already resolved unchanged", () => {
    const fleet = account();
    const alert = fleet.openAlert(first(fleet.devices.ids()));
    const resolved = fleet.resolveAlert(alert.id);
    fleet.advance(5000);
    expect(fleet.resolveAlert(alert.id)).toEqual(resolved);
  });

  it("gives copies: changing one changes nothing", () => {
    const fleet = account();
    const id = first(fleet.devices.ids());
    const copy = fleet.devices.require(id);
    copy.hostname = "changed";
    expect(fleet.devices.require(id).hostname).not.toBe("changed");
  });

  it("takes any value into a record, drops fields, and knows a record by its new id", () => {
    const fleet = account();
    const id = first(fleet.devices.ids());
    fleet.patchDevice(id, { hostname: "a\0b", total_memory: "lots", security: undefined, id: "other" }, [
      "model",
    ]);
    expect(fleet.devices.has(id)).toBe(false);
    const odd = fleet.devices.require("other") as unknown as Record<string, unknown>;
    expect(odd).toMatchObject({ hostname: "a\0b", total_memory: "lots" });
    expect("model" in odd || "security" in odd).toBe(false);
    expect(fleet.devices.ids()[0]).toBe("other");
  });

  it("goes back to the first state on reset", () => {
    const fleet = account();
    const before = JSON.stringify([...fleet.devices, ...fleet.groups]);
    fleet.addGroup({ name: "X" });
    for (const id of fleet.devices.ids().slice(0, 50)) fleet.removeDevice(id);
    fleet.reset();
    expect(JSON.stringify([...fleet.devices, ...fleet.groups])).toBe(before);
  });

  it("keeps its order through thousands of removals", () => {
    const fleet = account({ devices: 3000, updatesPerDevice: 0 });
    const ids = fleet.devices.ids();
    const kept = ids.filter((_, index) => index % 5 === 0);
    for (const id of ids) if (!kept.includes(id)) fleet.removeDevice(id);
    expect(fleet.devices.ids()).toEqual(kept);
    const page = fleet.devices.page({ limit: 2, after: kept[300] });
    expect(page?.entries.map((entry) => entry.id)).toEqual(kept.slice(301, 303));
  });
});
