import type { MatchKey } from "@domain/identity";
import type { JunkKind } from "@domain/matching-rules";

export const keyLabels: Record<MatchKey, string> = {
  serial: "Serial number",
  mac: "MAC address",
  hostname: "Hostname",
};

export const junkLabels: Record<JunkKind, { one: string; many: string }> = {
  serials: { one: "Serial number", many: "Serial numbers" },
  macs: { one: "MAC address", many: "MAC addresses" },
  hostnames: { one: "Hostname", many: "Hostnames" },
};

export const standingFieldLabels = {
  name: "Name",
  type: "Type",
  location: "Location",
  client: "Client",
} as const;
