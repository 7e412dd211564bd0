import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { planDevice } from "@domain/device-plan";
import { resolveClients, clientForDevice, type MappedGroup } from "@domain/group-tree";
import { effectOn, holdsPendingMoves } from "@domain/mapping-effect";
import type { DeviceSnapshot } from "@domain/snapshots";
import { clientAfterUndo } from "@domain/undone-values";

const groups: MappedGroup[] = [
  { externalId: "acme", parentExternalId: null, state: "mapped", clientId: "Acme" },
  { externalId: "site", parentExternalId: "acme", state: "inherit", clientId: null },
  { externalId: "lab", parentExternalId: "acme", state: "excluded", clientId: null },
  { externalId: "globex", parentExternalId: null, state: "mapped", clientId: "Globex" },
  { externalId: "other", parentExternalId: null, state: "inherit", clientId: null },
];
const clients = resolveClients(groups);

it("predicts for every device what the sync then does", () => {
  const bucket = fc.record({
    externalGroupId: fc.constantFrom("acme", "site", "lab", "globex", "other", "unknown", null),
    hasAsset: fc.boolean(),
    clientId: fc.constantFrom("Acme", "Globex", null),
    isKept: fc.boolean(),
    undoneMove: fc.constantFrom(null, { toClientId: "Acme" }, { toClientId: null }),
    isSynced: fc.boolean(),
    hasHeldMove: fc.constant(false),
    removal: fc.constant(null),
    devices: fc.constant(1),
  });
  const assigned = fc.constantFrom(null, new Set<string>(), new Set(["acme", "site"]));
  fc.assert(
    fc.property(bucket, assigned, (given, assigned) => {
      const device = given.hasAsset ? given : { ...given, clientId: null, isKept: false, undoneMove: null };
      const effect = effectOn(device, { clients, assigned });
      const ofGroup = clientForDevice(clients, device.externalGroupId);
      const { undoneMove } = device;
      const isUndone = undoneMove !== null && undoneMove.toClientId === (ofGroup.clientId ?? null);
      const target = isUndone ? clientAfterUndo(device.clientId, ofGroup) : ofGroup;
      const plan = planDevice(
        {
          assetId: device.hasAsset ? "asset" : null,
          clientId: device.clientId,
          assetName: "HLD-01",
          overriddenFields: device.isKept ? ["client"] : [],
          reportedClientId: target.clientId ?? null,
          skipReason: device.isSynced ? null : "unmapped",
          contentHash: "same",
          agentStatus: "online",
          lastSeenMs: null,
          lastRebootMs: null,
          observedMs: 0,
          isGone: false,
        },
        {
          snapshot: {
            name: "HLD-01",
            liveness: { agentStatus: "online", lastSeenAt: null, lastRebootAt: null },
          } as DeviceSnapshot,
          contentHash: "same",
          client: target,
          observedMs: 1,
          now: new Date(1),
          isSweep: true,
          isMoveWanted: assigned === null || assigned.has(device.externalGroupId ?? ""),
        },
      );
      switch (effect.kind) {
        case "gain":
          expect(plan).toMatchObject({ action: "create", clientId: effect.toClientId });
          break;
        case "move":
        case "lose_client": {
          const toValue = effect.kind === "move" ? effect.toClientId : null;
          if (effect.isStaged) expect(plan.staged).toMatchObject([{ kind: "move", toValue }]);
          else if (toValue === null) expect(plan).toMatchObject({ action: "skip", staged: [] });
          else expect(plan).toMatchObject({ action: "update", clientId: toValue, staged: [] });
          break;
        }
        case "wait":
          expect.unreachable();
          break;
        case "none":
          expect(plan.staged).toEqual([]);
          expect(plan.action).not.toBe("create");
          if (plan.action === "update") expect(device.isKept || plan.clientId === device.clientId).toBe(true);
      }
    }),
  );
});

describe("a device that the last sweep did not list", () => {
  const bucket = {
    externalGroupId: "acme",
    hasAsset: true,
    clientId: "Globex",
    isKept: false,
    undoneMove: null,
    isSynced: true,
    hasHeldMove: false,
    devices: 1,
  };
  const effect = (removal: "held" | "rejected") =>
    effectOn({ ...bucket, removal }, { clients, assigned: null });

  it("waits while its removal does", () => expect(effect("held")).toEqual({ kind: "wait" }));
  it("stays as it is if a person decided that it is not gone", () =>
    expect(effect("rejected")).toEqual({ kind: "none" }));
});

describe("moves that no person caused", () => {
  const bucket = (devices: number, clientId: string) => ({
    externalGroupId: "acme",
    hasAsset: true,
    clientId,
    isKept: false,
    undoneMove: null,
    isSynced: true,
    hasHeldMove: false,
    removal: null,
    devices,
  });
  const held = (moves: number, assigned: Set<string>) =>
    holdsPendingMoves([bucket(100, "Acme"), bucket(moves, "Globex")], { clients, assigned });

  it("are held if there are too many", () => {
    expect(held(20, new Set())).toBe(false);
    expect(held(60, new Set())).toBe(true);
  });
  it("are never held if a person changed the mapping", () => expect(held(60, new Set(["acme"]))).toBe(false));
});
