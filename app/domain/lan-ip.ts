export interface NetworkInterface {
  description: string | null;
  addresses: readonly string[];
}

/** 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 (RFC 1918). */
const privateIpv4 = (() => {
  const octet = String.raw`\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
  return new RegExp(`^(?:10${octet}|172\\.(?:1[6-9]|2\\d|3[01])|192\\.168)${octet}${octet}$`);
})();

/**
 * The first private IPv4 address on an interface that is not virtual by its description.
 * Adapters of hypervisors and VPNs hold private addresses too, and say "virtual" in their description.
 */
export function lanIp(interfaces: Iterable<NetworkInterface>): string | null {
  for (const { description, addresses } of interfaces) {
    if (description?.toLowerCase().includes("virtual")) continue;
    for (const address of addresses) {
      const bare = bareAddress(address);
      if (privateIpv4.test(bare)) return bare;
    }
  }
  return null;
}

/** "10.0.0.5/24" and "fe80::1%eth0" without prefix length and scope. */
export function bareAddress(address: string): string {
  const end = address.search(/[/%]/);
  return (end < 0 ? address : address.slice(0, end)).trim();
}
