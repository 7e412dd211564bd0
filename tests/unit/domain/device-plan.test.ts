import { describe, expect, it } from "vitest";

import { planDevice, type DeviceBefore } from "~/domain/device-plan";
import type { DeviceClient } from "~/domain/group-tree";
import type { DeviceSnapshot } from "~/domain/snapshots";

const at = new Date("2026-11-01T12:00:00.000Z");

const snapshot: DeviceSnapshot = {
  externalId: "d1",
  externalGroupId: "g1",
  name: "HLD-01",
  assetType: "workstation",
  serialNumber: null,
  location: null,
  osType: "Windows",
  osVersion: null,
  lanIp: null,
  cpuModel: null,
  cpuCores: null,
  ramGb: null,
  disks: [],
  lastLoggedInUser: null,
  systemInfo: {},
  liveness: { agentStatus: "online", lifecycleStatus: "active", lastSeenAt: at, lastRebootAt: null },
};

const known: DeviceBefore = {
  assetId: "a1",
  clientId: "acme",
  clientIsHeld: false,
  skipReason: null,
  contentHash: "same",
  agentStatus: "online",
  lastSeenMs: at.getTime(),
  lastRebootMs: null,
  observedMs: at.getTime(),
  isGone: false,
};

const plan = (
  before: DeviceBefore | undefined,
  incoming: Partial<{
    contentHash: string;
    client: DeviceClient;
    observedMs: number;
    snapshot: DeviceSnapshot;
  }> = {},
) =>
  planDevice(before, {
    snapshot,
    contentHash: "same",
    client: { clientId: "acme" },
    observedMs: at.getTime() + 1,
    ...incoming,
  });

describe("planDevice", () => {
  it.each<[string, DeviceBefore | undefined, Parameters<typeof plan>[1], ReturnType<typeof plan>]>([
    ["creates a device it has never seen", undefined, {}, { action: "create", clientId: "acme" }],
    [
      "creates the asset of a device that had no client before",
      { ...known, assetId: null, clientId: null, skipReason: "unmapped" },
      {},
      { action: "create", clientId: "acme" },
    ],
    ["does nothing for a device that is as it was", known, {}, { action: "nothing" }],
    [
      "updates a device whose content changed",
      known,
      { contentHash: "new" },
      { action: "update", clientId: "acme" },
    ],
    [
      "moves an asset when the client of its group changed",
      known,
      { client: { clientId: "globex" } },
      { action: "update", clientId: "globex" },
    ],
    [
      "leaves an asset with the client that a person set",
      { ...known, clientIsHeld: true },
      { client: { clientId: "globex" } },
      { action: "nothing" },
    ],
    [
      "brings back a device that was gone",
      { ...known, isGone: true },
      {},
      { action: "update", clientId: "acme" },
    ],
    [
      "never writes an observation older than the one it holds",
      { ...known, observedMs: at.getTime() + 1_000 },
      { contentHash: "new" },
      { action: "nothing" },
    ],
    [
      "only touches a device that went offline",
      known,
      { snapshot: { ...snapshot, liveness: { ...snapshot.liveness, agentStatus: "offline" } } },
      { action: "touch" },
    ],
    [
      "takes a blank last-seen for no news",
      known,
      { snapshot: { ...snapshot, liveness: { ...snapshot.liveness, lastSeenAt: null } } },
      { action: "nothing" },
    ],
    [
      "skips a device without a client, and writes that once",
      undefined,
      { client: { skip: "ungrouped" } },
      { action: "skip", reason: "ungrouped", write: true },
    ],
    [
      "writes nothing for a device that is skipped as before",
      { ...known, assetId: null, clientId: null, skipReason: "unmapped" },
      { client: { skip: "unmapped" } },
      { action: "skip", reason: "unmapped", write: false },
    ],
    [
      "writes that a device lost its client",
      known,
      { client: { skip: "excluded" } },
      { action: "skip", reason: "excluded", write: true },
    ],
  ])("%s", (_, before, incoming, expected) => {
    expect(plan(before, incoming)).toEqual(expected);
  });
});
