import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { deviceContentHash, snapshotHash } from "@domain/content-hash";
import { isUsableId } from "@domain/text";
import { mapAlert } from "~/connectors/levelio/mappers/alert";
import { mapDevice } from "~/connectors/levelio/mappers/device";
import { mapGroup } from "~/connectors/levelio/mappers/group";
import { mapUpdate } from "~/connectors/levelio/mappers/update";

import { activeAlert, availableUpdate, bareDevice, frontDesk } from "./fixtures";

const device = (change: Record<string, unknown> = {}) => mapDevice({ ...frontDesk, ...change });

describe("a record whose keys Level wrote in another order", () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : value !== null && typeof value === "object"
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, member]) => [key, reversed(member)]),
          )
        : value;

  it("is the same device", () => {
    const hash = deviceContentHash(device().item!);
    expect(deviceContentHash(mapDevice(reversed(frontDesk)).item!)).toBe(hash);
  });

  it("is the same update", () => {
    const hash = snapshotHash(mapUpdate(availableUpdate).item!);
    expect(snapshotHash(mapUpdate(reversed(availableUpdate)).item!)).toBe(hash);
  });
});

describe("a device", () => {
  it("with all its blocks becomes a full snapshot", () => {
    const { item, issues } = device();
    expect(issues).toEqual([]);
    expect(item).toMatchObject({
      externalId: frontDesk.id,
      externalGroupId: frontDesk.group_id,
      name: "Front desk left",
      assetType: "workstation",
      serialNumber: "7KQ2M13",
      location: "Asheville, United States",
      osType: "Windows",
      osVersion: "10.0.22631.4317",
      lanIp: "10.40.12.53",
      cpuModel: "13th Gen Intel(R) Core(TM) i5-13500",
      cpuCores: 12,
      ramGb: 16,
      disks: [{ name: "C:", totalBytes: 498216206336, freeBytes: 61203283968, utilizationPercent: 87.7 }],
      lastLoggedInUser: "HARBORLIGHT\\reception",
      liveness: {
        agentStatus: "online",
        lifecycleStatus: "active",
        lastSeenAt: new Date("2026-10-08T14:02:31.418Z"),
        lastRebootAt: new Date("2026-10-05T05:41:12Z"),
      },
    });
    expect(item!.systemInfo).toMatchObject({
      hostname: "HLD-FRONT-03",
      manufacturer: "Dell Inc.",
      tags: ["VIP", "Imaging"],
      flag: "Fan noise, swap on next visit",
      maintenanceMode: false,
      groupId: frontDesk.group_id,
      securityScore: 71,
      securityRisk: "medium",
      patchCompliance: false,
      biosVersion: "1.19.0",
    });
  });

  it("with nothing but nulls has no name and no keys", () => {
    const { item, issues } = mapDevice(bareDevice);
    expect(issues).toEqual([]);
    expect(item).toEqual({
      externalId: bareDevice.id,
      externalGroupId: null,
      name: null,
      assetType: null,
      serialNumber: null,
      location: null,
      osType: null,
      osVersion: null,
      lanIp: null,
      cpuModel: null,
      cpuCores: null,
      ramGb: null,
      disks: [],
      lastLoggedInUser: null,
      systemInfo: { tags: [], maintenanceMode: false },
      liveness: { agentStatus: "offline", lifecycleStatus: "inactive", lastSeenAt: null, lastRebootAt: null },
    });
  });

  it("with an id alone is a device", () => {
    expect(mapDevice({ id: "d1" })).toMatchObject({ item: { externalId: "d1", systemInfo: {} }, issues: [] });
  });

  it.each([
    ["workstation", "workstation"],
    ["server", "server"],
    ["domain_controller", "server"],
    ["toaster", "workstation"],
    [null, null],
    [" ", null],
  ])("of role %j is a %s", (role, assetType) => {
    expect(device({ role }).item!.assetType).toBe(assetType);
  });

  it.each([
    ["nickname", { nickname: " Till 1 ", hostname: "POS-1" }, "Till 1"],
    ["hostname", { nickname: "  ", hostname: "POS-1" }, "POS-1"],
    ["id by nobody", { nickname: null, hostname: "\0" }, null],
  ])("is called by its %s", (_, names, expected) => {
    expect(device(names).item!.name).toBe(expected);
  });

  it("accepts numbers and switches given as text, without a note", () => {
    const { item, issues } = device({
      total_memory: "16890982400",
      cpu_cores: " 12 ",
      online: "true",
      maintenance_mode: 1,
      security_score: "",
      operating_system: { major_version: 15, minor_version: 6 },
      disk_partitions: [{ mount_point: "C:", size: "1000", free_space: "250" }],
    });
    expect(issues).toEqual([]);
    expect(item).toMatchObject({
      ramGb: 16,
      cpuCores: 12,
      osVersion: "15.6",
      disks: [{ totalBytes: 1000, freeBytes: 250, utilizationPercent: 75 }],
      liveness: { agentStatus: "online" },
      systemInfo: { maintenanceMode: true },
    });
  });

  it.each([
    ["total_memory", "a lot", "expected a number, got other text", { ramGb: 16 }],
    ["total_memory", -5e9, "below zero", { ramGb: null }],
    ["cpu_cores", 1e12, "larger than any such value can be", { cpuCores: null }],
    ["last_seen_at", "soon", "not a date", { liveness: { lastSeenAt: null } }],
    ["last_reboot_time", 1759999999, "not a date", { liveness: { lastRebootAt: null } }],
    ["nickname", { first: "x" }, "expected text, got an object", { name: "HLD-FRONT-03" }],
    ["tags", "VIP", "expected a list, got other text", { name: "Front desk left" }],
    ["security", [], "expected an object, got a list", { name: "Front desk left" }],
    ["group_id", "g\0", "not usable as an id", { externalGroupId: undefined }],
    ["group_id", { id: "g" }, "expected text, got an object", { externalGroupId: undefined }],
  ])("with an odd %s (%j) loses only that field and notes it: %s", (field, value, reason, expected) => {
    const { item, issues } = device({ [field]: value });
    expect(item).toMatchObject({ serialNumber: "7KQ2M13", ...expected });
    expect(issues[0]).toEqual({
      severity: "field",
      externalId: frontDesk.id,
      name: field === "nickname" ? "HLD-FRONT-03" : "Front desk left",
      field,
      reason,
    });
  });

  it("in no group is known to be so, even beside an odd field", () => {
    expect(device({ group_id: null, tags: "VIP" }).item!.externalGroupId).toBeNull();
    expect(device({ group_id: undefined }).item!.externalGroupId).toBeUndefined();
  });

  it("with an odd element in a list loses only that element", () => {
    const { item, issues } = device({ tags: ["VIP", { name: "x" }, null, 7] });
    expect(item!.systemInfo.tags).toEqual(["VIP", "7"]);
    expect(issues).toMatchObject([{ field: "tags[1]", reason: "expected text, got an object" }]);
  });

  it("leaves out a disk of unknown free space, and notes it", () => {
    const { item, issues } = device({
      disk_partitions: [
        { mount_point: "/", size: 100 },
        { label: "x", size: 0 },
      ],
    });
    expect(item!.disks).toEqual([]);
    expect(issues).toMatchObject([
      { severity: "field", field: "disk_partitions", reason: "no free space given for /" },
    ]);
  });

  it("adds up its memory modules and processors when no total is given", () => {
    const { item } = device({
      total_memory: null,
      cpu_cores: null,
      cpus: [{ cores: 4 }, { cores: 4, model: "Xeon" }],
    });
    expect(item).toMatchObject({ ramGb: 16, cpuCores: 8, cpuModel: "Xeon" });
  });

  it.each([
    [true, "Flagged"],
    [false, undefined],
    ["look at me", "look at me"],
    [null, undefined],
  ])("with the flag %j shows %j", (flag, expected) => {
    expect(device({ flag }).item!.systemInfo.flag).toBe(expected);
  });

  it("keeps minute-to-minute values out of its system info", () => {
    const moved = device({ online: false, last_seen_at: "2026-10-09T00:00:00Z", last_reboot_time: null });
    expect(moved.item!.systemInfo).toEqual(device().item!.systemInfo);
  });
});

describe("an impossible value", () => {
  const answeredAt = new Date("2026-10-10T12:00:00Z");
  const read = (change: Record<string, unknown>) => mapDevice({ ...frontDesk, ...change }, answeredAt);
  const fieldsOf = ({ issues }: ReturnType<typeof read>) => issues.map(({ field }) => field);

  it("of a disk's free space leaves the disk out, and is noted", () => {
    const sizes = { mount_point: "C:", size: 1000 };
    for (const free_space of [-1, 2000]) {
      const mapped = read({ disk_partitions: [{ ...sizes, free_space }] });
      expect(mapped.item!.disks).toEqual([]);
      expect(fieldsOf(mapped)).toEqual(["disk_partitions"]);
    }
  });

  it("of the memory is not stored as 0 GB", () => {
    const mapped = read({ total_memory: -1, memory: [] });
    expect(mapped.item!.ramGb).toBeNull();
    expect(mapped.item!.systemInfo).not.toHaveProperty("memoryBytes");
    expect(fieldsOf(mapped)).toEqual(["total_memory"]);
  });

  it.each(["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"])("of an instant (%s) is not stored", (text) => {
    const mapped = read({ last_seen_at: text, last_reboot_time: text });
    expect(mapped.item!.liveness).toMatchObject({ lastSeenAt: null, lastRebootAt: null });
    expect(fieldsOf(mapped)).toEqual(["last_seen_at", "last_reboot_time"]);
  });

  it("of notes beyond the limit is cut, and noted", () => {
    const mapped = read({ notes: "x".repeat(4001) });
    expect(mapped.item!.systemInfo.notes).toHaveLength(4000);
    expect(fieldsOf(mapped)).toEqual(["notes"]);
  });
});

describe("any record", () => {
  const mappers = [
    ["group", mapGroup, { id: "x", name: "Acme" }],
    ["device", mapDevice, frontDesk],
    ["update", mapUpdate, availableUpdate],
    ["alert", mapAlert, activeAlert],
  ] as const;

  describe.each(mappers)("%s", (_, map, good) => {
    it.each([
      ["no object", 42, null],
      ["null", null, null],
      ["a list", [], null],
      ["no id", { ...good, id: undefined }, "id"],
      ["a blank id", { ...good, id: "  " }, "id"],
      ["an id with a NUL", { ...good, id: "a\0" }, "id"],
      ["an endless id", { ...good, id: "x".repeat(600) }, "id"],
      ["an id that is an object", { ...good, id: {} }, "id"],
    ])("is lost when it is or has %s", (__, raw, field) => {
      const { item, issues } = map(raw);
      expect(item).toBeNull();
      expect(issues).toMatchObject([{ severity: "record", field }]);
    });

    it("keeps its id exactly as it came", () => {
      expect(map({ ...good, id: " Zz9 " }).item!.externalId).toBe(" Zz9 ");
      expect(map({ ...good, id: 123456789 }).item!.externalId).toBe("123456789");
    });

    it("is never a reason to throw, and never yields a value that Postgres cannot store", () => {
      const value = fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom("\0", "\ud800x", "", "42", "true", -1, 1e308, "9999-99-99", "x".repeat(30_000)),
      );
      const change = fc.dictionary(
        fc.constantFrom(...Object.keys(good).filter((key) => !key.endsWith("id"))),
        value,
      );
      fc.assert(
        fc.property(change, (odd) => {
          const { item, issues } = map({ ...good, ...odd });
          expect(item).not.toBeNull();
          const json = JSON.stringify({ item, issues });
          expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/);
          expect(json.length).toBeLessThan(200_000);
        }),
      );
    });

    it("yields for any input an item with a usable id, or a note of the loss", () => {
      fc.assert(
        fc.property(fc.jsonValue(), (raw) => {
          const { item, issues } = map(raw);
          expect(item === null ? issues[0]?.severity === "record" : isUsableId(item.externalId)).toBe(true);
        }),
      );
    });
  });

  it.each([
    ["an update", mapUpdate, availableUpdate],
    ["an alert", mapAlert, activeAlert],
  ])("%s without its device is lost", (_, map, good) => {
    expect(map({ ...good, device_id: null })).toMatchObject({ item: null, issues: [{ field: "device_id" }] });
  });

  it("with a thousand odd values yields a bounded list of notes", () => {
    expect(device({ tags: Array.from({ length: 1000 }, () => ({})) }).issues.length).toBeLessThan(30);
  });
});

describe("a group", () => {
  it("is its name, parent and count", () => {
    const raw = { id: "g2", parent_id: "g1", child_ids: [], name: "Front office", device_count: "6" };
    expect(mapGroup(raw)).toEqual({
      item: { externalId: "g2", parentExternalId: "g1", name: "Front office", deviceCount: 6 },
      issues: [],
    });
  });

  it("without a name is called by its id, and without a parent is top-level", () => {
    const raw = { id: "g1", name: " ", parent_id: null };
    expect(mapGroup(raw).item).toMatchObject({ name: "g1", parentExternalId: null });
  });

  it.each([[{}], ["p\0"], [undefined]])(
    "with an unreadable parent (%j) is not treated as top-level",
    (parent_id) => {
      expect(mapGroup({ id: "g1", name: "G", parent_id }).item).toMatchObject({
        parentExternalId: undefined,
      });
    },
  );
});

describe("an alert", () => {
  it("keeps Level's own severity beside ours", () => {
    expect(mapAlert(activeAlert).item).toEqual({
      externalId: activeAlert.id,
      externalDeviceId: activeAlert.device_id,
      deviceHostname: "HLD-FRONT-03",
      name: "Low disk space (C:)",
      description: "Disk free space <15% for 10 minutes",
      payload: null,
      severity: "major",
      providerSeverity: "critical",
      status: "active",
      startedAt: new Date("2026-10-08T13:48:05Z"),
      resolvedAt: null,
    });
  });

  it.each([
    [{ is_resolved: true, resolved_at: "2026-10-08T15:00:00Z" }, "resolved"],
    [{ is_resolved: true, resolved_at: null }, "resolved"],
    [{ is_resolved: null, resolved_at: "2026-10-08T15:00:00Z" }, "resolved"],
    [{ is_resolved: false, resolved_at: "2026-10-08T15:00:00Z" }, "active"],
    [{ is_resolved: undefined }, "active"],
  ])("with %j is %s", (change, status) => {
    const { item } = mapAlert({ ...activeAlert, ...change });
    expect(item!.status).toBe(status);
    if (status === "active") expect(item!.resolvedAt).toBeNull();
  });

  it("with an unknown severity has none, and keeps Level's text", () => {
    expect(mapAlert({ ...activeAlert, severity: "apocalyptic" }).item).toMatchObject({
      severity: "none",
      providerSeverity: "apocalyptic",
    });
  });
});

describe("an update", () => {
  it("is what Level offers, with blanks as null", () => {
    expect(mapUpdate(availableUpdate).item).toEqual({
      externalId: availableUpdate.id,
      externalDeviceId: availableUpdate.device_id,
      name: availableUpdate.name,
      category: "Security Updates",
      version: null,
      kbIds: ["KB5099001"],
      sizeBytes: 812646400,
      error: null,
      publishedOn: "2026-10-06T17:00:00.000Z",
      isAvailable: true,
    });
  });

  it("names each article once, with its KB", () => {
    const kb_ids = ["5099001", "KB5099001", "kb 77", " ", "MS26-001"];
    expect(mapUpdate({ ...availableUpdate, kb_ids }).item!.kbIds).toEqual(["KB5099001", "KB77", "MS26-001"]);
  });

  it("above 2 GB keeps its size", () => {
    expect(mapUpdate({ ...availableUpdate, size: 5_000_000_000 }).item!.sizeBytes).toBe(5_000_000_000);
  });
});
