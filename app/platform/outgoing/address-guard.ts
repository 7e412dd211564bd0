import { BlockList, isIP } from "node:net";

/** Networks that are not part of the public internet: an address there would reach into our own network. */
const closedNetworks: [network: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/**
 * Of IPv6, only global unicast is public. Within it, ranges for documentation and ranges that carry IPv4 are closed
 * too.
 */
const closedWithinGlobal: [network: string, prefix: number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const closed = new BlockList();
for (const [network, prefix] of closedNetworks) closed.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of closedWithinGlobal) closed.addSubnet(network, prefix, "ipv6");
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** Whether an address is on the public internet. False for anything that is not an address. */
export function isOpenAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, "ipv4");
  return family === 6 && global.check(address, "ipv6") && !closed.check(address, "ipv6");
}

/**
 * Why a subscriber's address is refused; undefined if it is accepted. Names are resolved only when an event is sent.
 */
export function refusalOfUrl(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return "Enter a full address such as https://example.com/hooks.";
  const url = new URL(text);
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:"))
    return "The address has to begin with https://.";
  if (url.username !== "" || url.password !== "") return "Leave name and password out of the address.";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isClosed = isIP(host) === 0 ? /(^|\.)localhost\.?$/i.test(host) : !isOpenAddress(host);
  if (isClosed && !allowPrivate) return "This address is not on the open internet.";
  return undefined;
}
