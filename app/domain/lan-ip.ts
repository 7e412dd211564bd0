import ipaddr from "ipaddr.js";

export interface NetworkInterface {
  description: string | null;
  addresses: readonly string[];
}

/**
 * The first private IPv4 address (RFC 1918) on an interface that is not virtual by its description.
 * Adapters of hypervisors and VPNs hold private addresses too, and say "virtual" in their description.
 */
export function lanIp(interfaces: Iterable<NetworkInterface>): string | null {
  for (const { description, addresses } of interfaces) {
    if (description?.toLowerCase().includes("virtual")) continue;
    for (const address of addresses) {
      const bare = bareAddress(address);
      if (ipaddr.IPv4.isValidFourPartDecimal(bare) && ipaddr.IPv4.parse(bare).range() === "private")
        return bare;
    }
  }
  return null;
}

/** "10.0.0.5/24" and "fe80::1%eth0" without prefix length and scope. */
export const bareAddress = (address: string): string => address.split(/[/%]/, 1)[0]!.trim();
