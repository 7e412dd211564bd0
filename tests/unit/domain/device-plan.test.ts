import { describe, expect, it } from "vitest";

import { planDevice, type DeviceBefore, type DeviceIncoming } from "@domain/device-plan";
import type { DeviceSnapshot } from "@domain/snapshots";

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
  assetName: "HLD-01",
  overriddenFields: [],
  reportedClientId: "acme",
  skipReason: null,
  contentHash: "same",
  agentStatus: "online",
  lastSeenMs: at.getTime(),
  lastRebootMs: null,
  observedMs: at.getTime(),
  isGone: false,
};

const plan = (before: DeviceBefore | undefined, incoming: Partial<DeviceIncoming> = {}) =>
  planDevice(before, {
    snapshot,
    contentHash: "same",
    client: { clientId: "acme" },
    observedMs: at.getTime() + 1,
    now: new Date(at.getTime() + 60_000),
    isSweep: true,
    isMoveWanted: true,
    ...incoming,
  });

describe("planDevice", () => {
  it.each<[string, DeviceBefore | undefined, Parameters<typeof plan>[1], Partial<ReturnType<typeof plan>>]>([
    ["creates a device it has never seen", undefined, {}, { action: "create", clientId: "acme" }],
    [
      "creates the asset of a device that had no client before",
      { ...known, assetId: null, clientId: null, skipReason: "unmapped" },
      {},
      { action: "create", clientId: "acme" },
    ],
    [
      "creates no asset by a record that is older than what is known",
      { ...known, assetId: null, clientId: null, skipReason: "excluded" },
      { observedMs: at.getTime() - 1 },
      { action: "nothing" },
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
      { ...known, overriddenFields: ["client"], reportedClientId: "globex" },
      { client: { clientId: "globex" } },
      { action: "nothing" },
    ],
    [
      "goes on with an asset whose client a person set when its group leads nowhere",
      { ...known, overriddenFields: ["client"], reportedClientId: null },
      { client: { skip: "ungrouped" }, contentHash: "new" },
      { action: "update", clientId: "acme" },
    ],
    [
      "leaves an asset of an excluded branch alone, also where a person set its client",
      { ...known, overriddenFields: ["client"] },
      { client: { skip: "excluded" } },
      { action: "skip", reason: "excluded" },
    ],
    [
      "calls an asset as it was called when Level gives no name any more",
      known,
      { snapshot: { ...snapshot, name: null }, contentHash: "new" },
      { action: "update", name: null },
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
      "takes what a clock that was ahead observed for older than anything",
      { ...known, observedMs: at.getTime() + 40 * 24 * 3_600_000 },
      { contentHash: "new" },
      { action: "update" },
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
    expect(plan(before, incoming)).toMatchObject({ staged: [], ...expected });
  });
});

it("writes a single device that is unchanged, because it was seen alive", () => {
  expect(plan(known, { isSweep: false }).action).toBe("touch");
  const skipped = { ...known, assetId: null, clientId: null, skipReason: "unmapped" };
  const unmapped = { client: { skip: "unmapped" as const }, isSweep: false };
  expect(plan(skipped, unmapped)).toMatchObject({ action: "skip", write: true });
  const older = { ...known, observedMs: at.getTime() + 1_000 };
  expect(plan(older, { isSweep: false }).action).toBe("nothing");
});

describe("what a run defers until its end", () => {
  const renamed = { ...snapshot, name: "HLD-RECEPTION" };

  it("is a rename, while the rest of the record is written", () => {
    expect(plan(known, { snapshot: renamed, contentHash: "new" })).toEqual({
      action: "update",
      clientId: "acme",
      name: "HLD-01",
      staged: [{ kind: "rename", fromValue: "HLD-01", toValue: "HLD-RECEPTION", reason: null }],
    });
  });

  it("is a move that no change of the mapping caused", () => {
    const moved = { client: { clientId: "globex" }, isMoveWanted: false };
    expect(plan(known, moved)).toEqual({
      action: "update",
      clientId: "acme",
      name: "HLD-01",
      staged: [{ kind: "move", fromValue: "acme", toValue: "globex", reason: null }],
    });
  });

  it("is the loss of the client, if Level moved the device out of all mapped groups", () => {
    const lost = { client: { skip: "unmapped" as const }, isMoveWanted: false };
    expect(plan(known, lost)).toMatchObject({
      action: "update",
      clientId: "acme",
      staged: [{ kind: "move", fromValue: "acme", toValue: null, reason: "unmapped" }],
    });
  });

  it("recurs in each sweep until it is decided, even if nothing else is new", () => {
    const moved = { ...known, reportedClientId: "globex" };
    expect(plan(moved, { client: { clientId: "globex" }, isMoveWanted: false })).toMatchObject({
      action: "nothing",
      staged: [{ kind: "move" }],
    });
    expect(plan(known, { snapshot: renamed })).toMatchObject({
      action: "nothing",
      staged: [{ kind: "rename" }],
    });
  });

  it("excludes overridden fields and devices that come back", () => {
    const change = {
      snapshot: renamed,
      client: { clientId: "globex" },
      contentHash: "new",
      isMoveWanted: false,
    };
    expect(plan({ ...known, overriddenFields: ["name", "client"] }, change).staged).toEqual([]);
    expect(plan({ ...known, isGone: true }, change).staged).toEqual([]);
  });

  it("excludes an observation older than the pending one", () => {
    const older = { ...known, observedMs: at.getTime() + 1_000 };
    expect(plan(older, { snapshot: renamed }).staged).toEqual([]);
  });
});
