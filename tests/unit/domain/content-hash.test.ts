import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { canonicalJson, contentHash, deviceContentHash } from "@domain/content-hash";
import type { DeviceSnapshot } from "@domain/snapshots";

const device: DeviceSnapshot = {
  externalId: "d1",
  externalGroupId: "g1",
  name: "HLD-FRONT-03",
  assetType: "workstation",
  serialNumber: "7KQ2M13",
  location: null,
  osType: "Windows",
  osVersion: "10.0.22631.4317",
  lanIp: "10.40.12.53",
  cpuModel: null,
  cpuCores: 12,
  ramGb: 16,
  disks: [{ name: "C:", totalBytes: 100, freeBytes: 40, utilizationPercent: 60 }],
  lastLoggedInUser: null,
  systemInfo: { tags: ["VIP"], maintenanceMode: false },
  liveness: { agentStatus: "online", lifecycleStatus: "active", lastSeenAt: new Date(0), lastRebootAt: null },
};

describe("the content hash", () => {
  it("is the SHA-256 of the canonical JSON", () => {
    const hash = createHash("sha256").update('{"a":"x","b":[1,null]}').digest("hex");
    expect(contentHash({ b: [1, null], a: "x" })).toBe(hash);
    expect(contentHash(null)).toBe("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b");
  });

  it.each([
    ["keys in any order", { b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
    ["undefined as absent", { a: undefined, b: null }, '{"b":null}'],
    ["dates as instants", { at: new Date("2026-10-08T14:00:00+02:00") }, '{"at":"2026-10-08T12:00:00.000Z"}'],
    [
      "what JSON cannot hold as null",
      [Number.NaN, Infinity, new Date(Number.NaN), undefined],
      "[null,null,null,null]",
    ],
    ["text with quotes and control characters", { 'a"b': "\n\u2028" }, '{"a\\"b":"\\n\u2028"}'],
    ["empty containers", [{}, []], "[{},[]]"],
    ["minus zero as zero", -0, "0"],
  ])("accepts %s", (_, value, json) => {
    expect(canonicalJson(value)).toBe(json);
  });

  it("writes what JSON.parse reads back, for any JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("does not depend on the order in which keys were set", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(contentHash(Object.fromEntries(Object.entries(value).reverse()))).toBe(contentHash(value));
      }),
    );
  });

  it("of a device ignores values that change every minute", () => {
    const later: DeviceSnapshot = {
      ...device,
      liveness: {
        agentStatus: "offline",
        lifecycleStatus: "inactive",
        lastSeenAt: null,
        lastRebootAt: new Date(1),
      },
    };
    expect(deviceContentHash(later)).toBe(deviceContentHash(device));
  });

  it.each<[string, Partial<DeviceSnapshot>]>([
    ["its name", { name: "Other" }],
    ["its group", { externalGroupId: "g2" }],
    ["a disk", { disks: [] }],
    ["a tag", { systemInfo: { tags: [], maintenanceMode: false } }],
  ])("of a device changes with %s", (_, change) => {
    expect(deviceContentHash({ ...device, ...change })).not.toBe(deviceContentHash(device));
  });
});
