/**
 * Whether a device that the RMM lists for the first time is a machine that we know already.
 * A wrong link mixes two machines' histories and is worse than a link not made: what is not certain is asked.
 */

export interface IdentityKeys {
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
}

/** What firmware says when nobody filled the field in. Compared without case, blanks and punctuation. */
const junkSerials = new Set(
  [
    "TO BE FILLED BY O.E.M.",
    "TO BE FILLED",
    "DEFAULT STRING",
    "SYSTEM SERIAL NUMBER",
    "SERIAL NUMBER",
    "CHASSIS SERIAL NUMBER",
    "NOT SPECIFIED",
    "NOT APPLICABLE",
    "NOT AVAILABLE",
    "NONE",
    "NULL",
    "UNKNOWN",
    "INVALID",
    "EMPTY",
    "N/A",
    "UNDEFINED",
    "NOT PRESENT",
    "NOT PROVIDED",
    "NOT DEFINED",
    "NOT SET",
    "NO SERIAL",
    "NO SERIAL NUMBER",
    "OEM",
    "O.E.M.",
    "STANDARD",
    "SYSTEM",
    "BASE BOARD SERIAL NUMBER",
    "XXXXXXX",
    "PARALLELS",
    "VMWARE",
    "VIRTUALBOX",
    "QEMU",
    "BOCHS",
    "GOOGLECLOUD",
  ].map(alphanumeric),
);

const MIN_SERIAL_LENGTH = 4;

/** A serial number in the form in which two are compared; null when it tells no machine from another. */
export function serialKey(raw: string | null | undefined): string | null {
  const key = alphanumeric(raw ?? "");
  if (key.length < MIN_SERIAL_LENGTH || junkSerials.has(key)) return null;
  // Zeros, dots, one character over and over.
  if (/^(.)\1*$/.test(key) || isCountedUp(key)) return null;
  return key;
}

const counts = ["01234567890", "9ABCDEF"];
const MIN_COUNTED = 6;

/** Filled in by counting, in whole or for the better part: 123456, MB-1234567890, 0123456789ABCDEF. */
function isCountedUp(key: string): boolean {
  let run = 1;
  let longest = 1;
  for (let i = 1; i < key.length; i++) {
    const pair = key.slice(i - 1, i + 1);
    run = counts.some((count) => count.includes(pair)) ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest >= MIN_COUNTED && longest * 2 >= key.length;
}

function alphanumeric(text: string): string {
  return text.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** Burnt-in looking addresses that software gives to every machine it is installed on. */
const sharedMacs = new Set([
  "00059a3c7a00", // Cisco AnyConnect
  "00090ffe0001", // Fortinet SSL VPN
  "00090faa0001", // Fortinet virtual adapter
  "005056c00001", // VMware host-only
  "005056c00008", // VMware NAT
  "080027000000", // VirtualBox host
]);

/** Makers' prefixes of adapters that are made anew on each host: Hyper-V switches, TAP drivers. */
const softwareMacPrefixes = ["00155d", "00ff"];

/**
 * A MAC address as 12 hexadecimal digits; null when it is none, or does not tell one machine from another: zeros,
 * group and locally administered addresses (bits 0 and 1 of the first octet, IEEE 802), adapters made by software.
 */
export function macKey(raw: string | null | undefined): string | null {
  const key = (raw ?? "").toLowerCase().replace(/[^0-9a-z]/g, "");
  if (!/^[0-9a-f]{12}$/.test(key) || /^0+$/.test(key)) return null;
  if ((parseInt(key.slice(0, 2), 16) & 0b11) !== 0) return null;
  if (sharedMacs.has(key) || softwareMacPrefixes.some((prefix) => key.startsWith(prefix))) return null;
  return key;
}

/** Names that installers give; many machines of one client bear them. */
const junkHostnames = new Set(
  "localhost,unknown,computer,desktop,laptop,server,pc,workstation,windows,ubuntu,debian,linux,raspberrypi,mac,macbook,macbookpro,macbook-pro,macbookair,macbook-air,imac,mac-mini,macmini,mac-pro,default,test,new,none,null,template,localhost-localdomain".split(
    ",",
  ),
);

/**
 * A hostname without its domain, in lower case; null when many machines bear it, also with the number that an
 * installer puts behind, and when it is an address: the name of a network, cut at its first dot.
 */
export function hostnameKey(raw: string | null | undefined): string | null {
  const key = (raw ?? "").trim().toLowerCase().split(".")[0] ?? "";
  if (key.length < 2 || /^\d+$/.test(key) || key.includes(":")) return null;
  return junkHostnames.has(key.replace(/-\d+$/, "")) ? null : key;
}

/** An asset that has something in common with the device. */
export interface KnownMachine extends IdentityKeys {
  assetId: string;
  clientId: string | null;
  /** A device that is listed, or was at the last complete sweep, is tied to it. */
  isLinked: boolean;
}

export type MatchKey = "serial" | "mac" | "hostname";

export interface Candidate {
  assetId: string;
  by: MatchKey;
  key: string;
}

export type Match =
  | { state: "none" }
  | { state: "link"; assetId: string; by: MatchKey; key: string }
  /** Several could be it, or one could, with something that speaks against it. */
  | { state: "ambiguous"; candidates: Candidate[] }
  /** The same hardware as an asset whose device is still listed: re-enrolled, if that one goes. */
  | { state: "waiting"; candidates: Candidate[] };

/** A serial or MAC address that so many devices share is nobody's. */
export const SHARED_BY_TOO_MANY = 3;

export interface MatchInput extends IdentityKeys {
  clientId: string;
}

/**
 * Finds the asset that a device is: by serial number, then by MAC address, then by hostname, among the assets of its
 * client that no listed device is tied to. The first key that finds any decides.
 * @param known assets of any client with a key in common
 * @param sharedBy how many devices in all bear a serial or MAC address
 */
export function matchDevice(
  device: MatchInput,
  known: readonly KnownMachine[],
  sharedBy: (key: string) => number,
): Match {
  const own = known.filter((machine) => machine.clientId === device.clientId);
  const free = own.filter((machine) => !machine.isLinked);
  for (const by of ["serial", "mac", "hostname"] as const) {
    const found = sharing(by, device, free, sharedBy);
    if (found.length === 0) continue;
    const [only, ...others] = found;
    if (others.length > 0 || only!.isDoubtful) return { state: "ambiguous", candidates: found.map(bare) };
    return { state: "link", ...bare(only!) };
  }
  const linked = own.filter((machine) => machine.isLinked);
  for (const by of ["serial", "mac"] as const) {
    const found = sharing(by, device, linked, sharedBy).filter(({ isDoubtful }) => !isDoubtful);
    if (found.length > 0) return { state: "waiting", candidates: found.map(bare) };
  }
  return { state: "none" };
}

interface Found extends Candidate {
  isDoubtful: boolean;
}

const bare = ({ assetId, by, key }: Found): Candidate => ({ assetId, by, key });

function sharing(
  by: MatchKey,
  device: MatchInput,
  machines: readonly KnownMachine[],
  sharedBy: (key: string) => number,
): Found[] {
  return machines.flatMap((machine): Found[] => {
    const key = keyInCommon(by, device, machine, sharedBy);
    if (key === undefined) return [];
    // Two serial numbers that differ are two machines, whatever else they share: a dock, a name passed on.
    if (by !== "serial" && differ(device.serialKey, machine.serialKey)) return [];
    return [{ assetId: machine.assetId, by, key, isDoubtful: isDoubtful(by, device, machine) }];
  });
}

function keyInCommon(
  by: MatchKey,
  device: MatchInput,
  machine: KnownMachine,
  sharedBy: (key: string) => number,
): string | undefined {
  switch (by) {
    case "serial":
      return device.serialKey !== null &&
        device.serialKey === machine.serialKey &&
        sharedBy(device.serialKey) < SHARED_BY_TOO_MANY
        ? device.serialKey
        : undefined;
    case "mac":
      return device.macKeys.find(
        (mac) => machine.macKeys.includes(mac) && sharedBy(mac) < SHARED_BY_TOO_MANY,
      );
    case "hostname":
      return device.hostnameKey !== null && device.hostnameKey === machine.hostnameKey
        ? device.hostnameKey
        : undefined;
  }
}

/** What speaks against a link that a key suggests. */
function isDoubtful(by: MatchKey, device: MatchInput, machine: KnownMachine): boolean {
  const shared = device.macKeys.filter((mac) => machine.macKeys.includes(mac)).length;
  const hasOtherMacs = shared === 0 && device.macKeys.length > 0 && machine.macKeys.length > 0;
  const hasOtherName = differ(device.hostnameKey, machine.hostnameKey);
  switch (by) {
    // A serial typed twice, or a board changed for another: nothing else is the same.
    case "serial":
      return hasOtherMacs && hasOtherName;
    // An adapter that goes from machine to machine: one of several addresses, and another name.
    case "mac":
      return hasOtherName && shared * 2 <= Math.max(device.macKeys.length, machine.macKeys.length);
    case "hostname":
      return hasOtherMacs;
  }
}

const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
