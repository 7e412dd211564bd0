export interface NetworkInterface {
  /** "eth0", "docker0", …; null if not reported. */
  name?: string | null;
  description: string | null;
  addresses: readonly string[];
}

/** 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 (RFC 1918). */
const privateIpv4 = (() => {
  const octet = String.raw`\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
  return new RegExp(`^(?:10${octet}|172\\.(?:1[6-9]|2\\d|3[01])|192\\.168)${octet}${octet}$`);
})();

/** Bridges and tunnels of containers, hypervisors and VPNs, whose descriptions say nothing. */
const madeBySoftware =
  /^(?:docker|br-|veth|virbr|vmnet|vboxnet|cni|cbr|flannel|cali|lxc|lxd|podman|tun|tap|wg|zt|tailscale|utun)/i;

/** The network's own address and its broadcast, of the usual sizes. */
const isHost = (address: string): boolean => !/\.(?:0|255)$/.test(address);

/**
 * The first private IPv4 address of a host on a real interface; if there is none, the first private one on any other.
 * Never one of an interface whose description says "virtual", as adapters of hypervisors and VPNs do.
 */
export function lanIp(interfaces: Iterable<NetworkInterface>): string | null {
  let second: string | null = null;
  for (const { name, description, addresses } of interfaces) {
    if (description?.toLowerCase().includes("virtual")) continue;
    for (const address of addresses) {
      const bare = bareAddress(address);
      if (!privateIpv4.test(bare)) continue;
      if (isHost(bare) && !madeBySoftware.test(name ?? description ?? "")) return bare;
      second ??= bare;
    }
  }
  return second;
}

/** "10.0.0.5/24" and "fe80::1%eth0" without prefix length and scope. */
export function bareAddress(address: string): string {
  const end = address.search(/[/%]/);
  return (end < 0 ? address : address.slice(0, end)).trim();
}
