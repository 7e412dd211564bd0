import type { TenantDb } from "@db/client";
import { listMachinesByKeys } from "@db/queries/device-sync/identity";
import { hardwareWordsOf } from "@domain/device-identity";
import { hardwareOf, matchDevice, type HardwareWords, type IdentityKeys, type Match } from "@domain/identity";
import { withoutJunk, type MatchingOrder } from "@domain/matching-rules";

import type { NewDevice } from "./device-plans";

/** A device without an asset, and the client that its asset would have. */
export type DeviceToMatch = IdentityKeys & HardwareWords & { clientId: string };

/** A new device in the form in which the matching rules compare it with assets. */
export const toMatch = ({ snapshot, identity, plan }: NewDevice): DeviceToMatch => ({
  ...identity,
  ...hardwareWordsOf(snapshot),
  clientId: plan.clientId,
});

export interface MatchScope {
  tenantId: string;
  /**
   * The dry run whose plan counts: a device may join an asset whose own device the plan marks as gone. Null for other
   * runs.
   */
  plannedRunId: string | null;
  /** The number of devices without an asset that have each key, those to match included. */
  keyCounts: ReadonlyMap<string, number>;
  /**
   * The assets that may be the same machine as a device; the keys of both then count once. `free`: assets without a
   * listed device. `any`: all assets, before the end of the sweep, because their device may still turn out to be gone.
   */
  joins: "free" | "any";
  /** The keys that the connection compares; see `domain/matching-rules`. */
  order: MatchingOrder;
}

/** Serial number and MAC addresses. A key that three machines share identifies none of them. */
export const sharedKeysOf = ({ serialKey, macKeys }: IdentityKeys): string[] =>
  serialKey === null ? macKeys : [serialKey, ...macKeys];

/** The number of devices that have each key. */
export function countKeyHolders(devices: readonly IdentityKeys[]): Map<string, number> {
  const keyCounts = new Map<string, number>();
  for (const key of devices.flatMap(sharedKeysOf)) keyCounts.set(key, (keyCounts.get(key) ?? 0) + 1);
  return keyCounts;
}

/** The assets that match each device; one statement for any number of devices. */
export async function findMatches(
  tx: TenantDb,
  { tenantId, plannedRunId, keyCounts, joins, order }: MatchScope,
  listed: readonly DeviceToMatch[],
): Promise<Match[]> {
  if (listed.length === 0) return [];
  const devices = listed.map((device) => withoutJunk(device, order.junk));
  const hostnames = new Map(
    devices.flatMap(({ clientId, hostnameKey }) =>
      hostnameKey === null ? [] : [[`${clientId} ${hostnameKey}`, { clientId, hostnameKey }]],
    ),
  );
  const wanted = {
    serialKeys: unique(devices.flatMap(({ serialKey }) => serialKey ?? [])),
    macKeys: unique(devices.flatMap(({ macKeys }) => macKeys)),
    hostnames: [...hostnames.values()],
  };
  const rows = await listMachinesByKeys(tx, tenantId, wanted, plannedRunId);
  const machines = rows.map((row) => withoutJunk({ ...row, ...hardwareOf(row) }, order.junk));
  const known = countKeyHolders(machines);
  const joinable = countKeyHolders(
    joins === "any" ? machines : machines.filter((machine) => !machine.isLinked),
  );
  const keyCountOf = (key: string) =>
    (known.get(key) ?? 0) + (keyCounts.get(key) ?? 0) - (joinable.has(key) ? 1 : 0);
  const sharing = indexByKey(machines);
  return devices.map((device) => {
    const alike = new Set(keysOf(device).flatMap((key) => sharing.get(key) ?? []));
    return matchDevice({ ...device, ...hardwareOf(device) }, [...alike], keyCountOf, order.keys);
  });
}

/** The assets by key, so that comparing a batch takes linear time. */
function indexByKey<Machine extends IdentityKeys>(machines: readonly Machine[]): Map<string, Machine[]> {
  const index = new Map<string, Machine[]>();
  for (const machine of machines) {
    for (const key of keysOf(machine)) {
      const machines = index.get(key);
      if (machines === undefined) index.set(key, [machine]);
      else machines.push(machine);
    }
  }
  return index;
}

const keysOf = (machine: IdentityKeys): string[] =>
  machine.hostnameKey === null ? sharedKeysOf(machine) : [...sharedKeysOf(machine), machine.hostnameKey];

const unique = (keys: string[]): string[] => [...new Set(keys)];
