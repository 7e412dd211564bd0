import { hostnameKey, macKey, serialKey, type HardwareWords, type IdentityKeys } from "./identity";
import type { DeviceSnapshot } from "./snapshots";
import type { SystemInfo } from "./system-info";

/** Software adapters by the words of their drivers; their addresses say nothing of the machine. */
const virtualAdapter = /virtual|vpn|tap-|tunnel|loopback|hyper-v|vmware|docker|bluetooth|wan miniport/i;

/** What a device is known by: serial number, MAC addresses of its real adapters, hostname. */
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

/** What the device is made of. */
export function hardwareWordsOf({ systemInfo }: Pick<DeviceSnapshot, "systemInfo">): HardwareWords {
  const { manufacturer, model, physicalDisks = [] } = systemInfo as SystemInfo;
  return { manufacturer, model, diskBytes: physicalDisks.flatMap(({ sizeBytes }) => sizeBytes ?? []) };
}
