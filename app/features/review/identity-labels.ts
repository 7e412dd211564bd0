import type { MatchKey } from "@domain/identity";

export const matchLabels: Record<MatchKey, string> = {
  serial: "serial number",
  mac: "MAC address",
  hostname: "hostname",
};

/** A MAC address for display: "0123456789ab" is "01:23:45:67:89:ab". */
export const macText = (key: string): string => key.match(/../g)?.join(":") ?? key;
