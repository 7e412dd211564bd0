import fc from "fast-check";
import { expect, it } from "vitest";

import { planDevice } from "~/domain/device-plan";
import { resolveClients, clientForDevice, type MappedGroup } from "~/domain/group-tree";
import { effectOn } from "~/domain/mapping-effect";
import type { DeviceSnapshot } from "~/domain/snapshots";

const groups: MappedGroup[] = [
  { externalId: "acme", parentExternalId: null, state: "mapped", clientId: "Acme" },
  { externalId: "site", parentExternalId: "acme", state: "inherit", clientId: null },
  { externalId: "lab", parentExternalId: "acme", state: "excluded", clientId: null },
  { externalId: "globex", parentExternalId: null, state: "mapped", clientId: "Globex" },
  { externalId: "other", parentExternalId: null, state: "inherit", clientId: null },
];
const resolved = resolveClients(groups);

it("says of every device what the sync then does with it", () => {
  const bucket = fc.record({
    externalGroupId: fc.constantFrom("acme", "site", "lab", "globex", "other", "unknown", null),
    hasAsset: fc.boolean(),
    clientId: fc.constantFrom("Acme", "Globex", null),
    isHeld: fc.boolean(),
    devices: fc.constant(1),
  });
  fc.assert(
    fc.property(bucket, (given) => {
      const device = given.hasAsset ? given : { ...given, clientId: null, isHeld: false };
      const effect = effectOn(device, resolved);
      const plan = planDevice(
        {
          assetId: device.hasAsset ? "asset" : null,
          clientId: device.clientId,
          clientIsHeld: device.isHeld,
          skipReason: null,
          contentHash: "same",
          agentStatus: "online",
          lastSeenMs: null,
          lastRebootMs: null,
          observedMs: 0,
          isGone: false,
        },
        {
          snapshot: {
            liveness: { agentStatus: "online", lastSeenAt: null, lastRebootAt: null },
          } as DeviceSnapshot,
          contentHash: "same",
          client: clientForDevice(resolved, device.externalGroupId),
          observedMs: 1,
        },
      );
      switch (effect.kind) {
        case "create":
          expect(plan).toEqual({ action: "create", clientId: effect.toClientId });
          break;
        case "move":
          expect(plan).toEqual({ action: "update", clientId: effect.toClientId });
          break;
        case "lose_client":
          expect(plan.action).toBe("skip");
          break;
        case "none":
          expect(plan.action === "nothing" || plan.action === "skip").toBe(true);
      }
    }),
  );
});
