import {
  placeholderModels as models,
  placeholderSerials,
  sharedMacs,
  softwareMacPrefixes,
  softwareMacSuffix,
} from "./placeholder-keys";
import { foldText } from "./text";

/**
 * Whether a device that the RMM lists for the first time is a known machine. A wrong link mixes two machines' histories
 * and is worse than a missing link, so a person decides in doubt.
 */

export interface IdentityKeys {
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
}

const placeholders = new Set(placeholderSerials.map(wordKey));
const placeholderModels = new Set(models.map(wordKey));

/** Characters; a shorter cut placeholder such as "SYST" may be a number. */
const MIN_PLACEHOLDER_START = 8;
const MIN_SERIAL_LENGTH = 4;

/** A serial number in the form for comparison; null if it does not identify a machine. */
export function serialKey(raw: string | null | undefined): string | null {
  const key = wordKey(raw ?? "");
  if (key.length < MIN_SERIAL_LENGTH || isPlaceholder(key)) return null;
  // A version, a repetition of one or two characters, zeros and ones.
  if (/^\d(\.\d)+$/.test((raw ?? "").trim()) || /^(..?)\1*$/.test(key) || /^[01]+$/.test(key)) return null;
  return isCountedUp(key) ? null : key;
}

/**
 * Text in place of a serial number, also cut to a field's length or with more text after it. With a number after it, it
 * may identify a machine: "GoogleCloud-4F2A…".
 */
function isPlaceholder(key: string): boolean {
  if (placeholders.has(key)) return true;
  if (key.length < MIN_PLACEHOLDER_START) return false;
  return [...placeholders].some((word) => {
    if (word.length < MIN_PLACEHOLDER_START) return false;
    return word.startsWith(key) || (key.startsWith(word) && !/\d/.test(key.slice(word.length)));
  });
}

const counts = ["01234567890", "9ABCDEF"];
const MIN_COUNTED = 6;

/** Counted up, completely or for the greater part: 123456, MB-1234567890, 0123456789ABCDEF. */
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

/** Words without case, blanks and punctuation. */
export function wordKey(text: string): string {
  return text
    .normalize("NFC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

const shared = new Set(sharedMacs);

/**
 * A MAC address as 12 hexadecimal digits; null if it is not one, or does not identify a machine: zeros, group and
 * locally administered addresses (bits 0 and 1 of the first octet, IEEE 802), software adapters.
 */
export function macKey(raw: string | null | undefined): string | null {
  const key = (raw ?? "").toLowerCase().replace(/[^0-9a-z]/g, "");
  if (!/^[0-9a-f]{12}$/.test(key) || /^0+$/.test(key)) return null;
  if ((parseInt(key.slice(0, 2), 16) & 0b11) !== 0) return null;
  if (shared.has(key) || key.endsWith(softwareMacSuffix)) return null;
  if (softwareMacPrefixes.some((prefix) => key.startsWith(prefix))) return null;
  return key;
}

/** Names that installers assign; many machines of one client have them. */
const junkHostnames = new Set(
  "localhost,unknown,computer,desktop,laptop,server,pc,workstation,windows,ubuntu,debian,linux,raspberrypi,mac,macbook,macbookpro,macbook-pro,macbookair,macbook-air,imac,mac-mini,macmini,mac-pro,default,test,new,none,null,template,localhost-localdomain".split(
    ",",
  ),
);

/**
 * A hostname without its domain, in lower case; null if many machines have it, also with the number that an installer
 * appends, and if it is an address: the name of a network, cut at its first dot.
 */
export function hostnameKey(raw: string | null | undefined): string | null {
  const key = foldText((raw ?? "").trim()).split(".")[0] ?? "";
  if (key.length < 2 || /^\d+$/.test(key) || key.includes(":")) return null;
  return junkHostnames.has(key.replace(/-\d+$/, "")) ? null : key;
}

/** A machine's hardware in one form: it finds no machine, but is evidence against a wrong match. */
export interface Hardware {
  maker: string | null;
  model: string | null;
  /** Of physical disks, in whole GB. */
  diskSizes: number[];
}

/** As the RMM reports it. */
export interface HardwareWords {
  manufacturer?: string | null;
  model?: string | null;
  diskBytes?: number[] | null;
}

/** Hardware in a form that can be compared: words of maker and model, and disk sizes in whole GB (10⁹ bytes). */
export const hardwareOf = ({ manufacturer, model, diskBytes }: HardwareWords): Hardware => ({
  maker: wordsOf(manufacturer),
  model: wordsOf(model),
  diskSizes: (diskBytes ?? []).filter((bytes) => bytes > 0).map((bytes) => Math.round(bytes / 1e9)),
});

/** Null if a vendor left "System Product Name" or similar text. */
function wordsOf(raw: string | null | undefined): string | null {
  const words = wordKey(raw ?? "");
  return words === "" || isPlaceholder(words) || placeholderModels.has(words) ? null : words;
}

/** An asset that shares a key with the device. */
export interface KnownMachine extends IdentityKeys, Partial<Hardware> {
  assetId: string;
  clientId: string | null;
  /** A device that is listed, or was at the last complete sweep, is linked to it. */
  isLinked: boolean;
  /** No device was ever linked to it, so its hostname is the name that a person gave it. */
  isNamedByHand?: boolean;
}

/** The identity keys, strongest first. */
export const matchKeys = ["serial", "mac", "hostname"] as const;
export type MatchKey = (typeof matchKeys)[number];

export interface Candidate {
  assetId: string;
  by: MatchKey;
  key: string;
}

export type Match =
  | { state: "none" }
  | { state: "link"; assetId: string; by: MatchKey; key: string }
  /** Several assets match, or one with evidence against it. */
  | { state: "ambiguous"; candidates: Candidate[] }
  /**
   * The same hardware as an asset whose device is still listed: a re-enrolment if that device goes. With evidence
   * against it, a machine of its own unless that device goes in the same sweep.
   */
  | { state: "waiting"; candidates: Candidate[]; isDoubtful?: boolean };

/** A serial number or MAC address that this many devices share identifies nobody. */
const SHARED_BY_TOO_MANY = 3;

export interface MatchInput extends IdentityKeys, Partial<Hardware> {
  clientId: string;
}

/**
 * Finds the asset of a device among the assets of its client without a listed device. The first key that finds any
 * decides.
 * @param known assets of any client that share a key
 * @param sharedBy how many devices in all have a serial number or MAC address
 * @param keys the keys to compare, in their order
 */
export function matchDevice(
  device: MatchInput,
  known: readonly KnownMachine[],
  sharedBy: (key: string) => number,
  keys: readonly MatchKey[] = matchKeys,
): Match {
  const own = known.filter((machine) => machine.clientId === device.clientId);
  const free = own.filter((machine) => !machine.isLinked);
  for (const by of keys) {
    const found = sharing(by, device, free, sharedBy);
    if (found.length === 0) continue;
    const [only, ...others] = found;
    if (others.length > 0 || only!.isDoubtful) return { state: "ambiguous", candidates: found.map(bare) };
    return { state: "link", ...bare(only!) };
  }
  const linked = own.filter((machine) => machine.isLinked);
  for (const by of keys) {
    // A name passes from one machine to the next, so it proves no second enrolment.
    if (by === "hostname") continue;
    const found = sharing(by, device, linked, sharedBy);
    const likely = found.filter(({ isDoubtful }) => !isDoubtful);
    if (likely.length > 0) return { state: "waiting", candidates: likely.map(bare) };
    if (found.length > 0) return { state: "waiting", isDoubtful: true, candidates: found.map(bare) };
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
    // Two different serial numbers are two machines, whatever else they share: a dock, a reused name.
    if (by !== "serial" && differ(device.serialKey, machine.serialKey)) return [];
    return [{ assetId: machine.assetId, by, key, isDoubtful: isDoubtful(device, machine) }];
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

type Machine = IdentityKeys & Partial<Hardware> & Pick<Partial<KnownMachine>, "isNamedByHand">;

/** Whether two machines that share a key are probably one: the evidence for it outweighs the evidence against it. */
export const isLikelyOne = (a: Machine, b: Machine): boolean =>
  !differ(a.serialKey, b.serialKey) && !isDoubtful(a, b);

/**
 * Whether there is as much evidence against a link as for it. One key alone does not outweigh another name, other
 * addresses, other disks or another make: it may be an unlisted placeholder, a dock, or a reused name.
 */
function isDoubtful(device: Machine, machine: Machine): boolean {
  const macs = compareMacs(device.macKeys, machine.macKeys);
  const signsFor =
    Number(device.serialKey !== null && device.serialKey === machine.serialKey) +
    Number(device.hostnameKey !== null && device.hostnameKey === machine.hostnameKey) +
    macs.signsFor;
  const signsAgainst =
    // "Reception" is no hostname, so it does not differ from PC-0815.
    Number(machine.isNamedByHand !== true && differ(device.hostnameKey, machine.hostnameKey)) +
    Number(macs.differ) +
    Number(haveNoneInCommon(device.diskSizes ?? [], machine.diskSizes ?? [])) +
    // A board keeps its make for life, so it counts twice.
    2 * Number(isOtherMake(device, machine));
  return signsAgainst >= signsFor;
}

/** Addresses agree if one machine has all of the other's; two that agree count as two keys. */
function compareMacs(ours: string[], theirs: string[]): { signsFor: number; differ: boolean } {
  const shared = ours.filter((mac) => theirs.includes(mac)).length;
  const isContained = shared === Math.min(ours.length, theirs.length);
  return { signsFor: isContained ? Math.min(shared, 2) : 0, differ: !isContained };
}

/** "Dell" and "Dell Inc." are one maker. */
function isOtherMake(a: Partial<Hardware>, b: Partial<Hardware>): boolean {
  const isOther = (x: string | null = null, y: string | null = null) =>
    x !== null && y !== null && !x.startsWith(y) && !y.startsWith(x);
  return isOther(a.maker, b.maker) || isOther(a.model, b.model);
}

const haveNoneInCommon = (a: number[], b: number[]): boolean =>
  a.length > 0 && b.length > 0 && !a.some((size) => b.includes(size));

const differ = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
