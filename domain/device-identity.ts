import { hostnameKey, macKey, serialKey, type HardwareWords, type IdentityKeys } from "./identity";
import type { DeviceSnapshot } from "./snapshots";
import type { SystemInfo } from "./system-info";

/** Names of software adapters' drivers; their addresses do not identify a machine. */
const virtualAdapter = /virtual|vpn|tap-|tunnel|loopback|hyper-v|vmware|docker|bluetooth|wan miniport/i;

/** The keys that identify a device: serial number, MAC addresses of its physical adapters, hostname. */
export function identityOf(snapshot: DeviceSnapshot): IdentityKeys {
  const info = snapshot.systemInfo as SystemInfo;
  const macs = (info.networkInterfaces ?? [])
    .filter((adapter) => !virtualAdapter.test(`${adapter.name ?? ""} ${adapter.description ?? ""}`))
    .flatMap((adapter) => macKey(adapter.macAddress) ?? []);
  return {
    serialKey: serialKey(snapshot.serialNumber),
    macKeys: [...new Set(macs)],
    hostnameKey: hostnameKey(info.hostname),
  };
}

/** The device's hardware. */
export function hardwareWordsOf({ systemInfo }: Pick<DeviceSnapshot, "systemInfo">): HardwareWords {
  const { manufacturer, model, physicalDisks = [] } = systemInfo as SystemInfo;
  return { manufacturer, model, diskBytes: physicalDisks.flatMap(({ sizeBytes }) => sizeBytes ?? []) };
}
