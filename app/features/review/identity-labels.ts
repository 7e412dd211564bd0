import type { MatchKey } from "@domain/identity";

export const matchLabels: Record<MatchKey, string> = {
  serial: "serial number",
  mac: "MAC address",
  hostname: "hostname",
};

/** "0123456789ab" → "01:23:45:67:89:ab" */
export const macText = (key: string): string => key.match(/../g)?.join(":") ?? key;
