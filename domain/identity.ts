import {
  placeholderModels as models,
  placeholderSerials,
  sharedMacs,
  softwareMacPrefixes,
  softwareMacSuffix,
} from "./placeholder-keys";
import { foldText } from "./text";

/**
 * Whether a device that the RMM lists for the first time is a machine that we know already.
 * A wrong link mixes two machines' histories and is worse than a link not made: what is not certain is asked.
 */

export interface IdentityKeys {
  serialKey: string | null;
  macKeys: string[];
  hostnameKey: string | null;
}

const placeholders = new Set(placeholderSerials.map(wordKey));
const placeholderModels = new Set(models.map(wordKey));

/** A cut placeholder has so many letters at least: "SYST" may be a number. */
const MIN_PLACEHOLDER_START = 8;
const MIN_SERIAL_LENGTH = 4;

/** A serial number in the form in which two are compared; null when it tells no machine from another. */
export function serialKey(raw: string | null | undefined): string | null {
  const key = wordKey(raw ?? "");
  if (key.length < MIN_SERIAL_LENGTH || isPlaceholder(key)) return null;
  // A version, one character or two over and over, zeros and ones.
  if (/^\d(\.\d)+$/.test((raw ?? "").trim()) || /^(..?)\1*$/.test(key) || /^[01]+$/.test(key)) return null;
  return isCountedUp(key) ? null : key;
}

/**
 * Words that stand in place of a serial number, also cut to a field's length, or with more words behind. With a number
 * behind they may tell machines apart: "GoogleCloud-4F2A…".
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

/** Words without case, blanks and punctuation. */
export function wordKey(text: string): string {
  return text
    .normalize("NFC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

const shared = new Set(sharedMacs);

/**
 * A MAC address as 12 hexadecimal digits; null when it is none, or does not tell one machine from another: zeros,
 * group and locally administered addresses (bits 0 and 1 of the first octet, IEEE 802), adapters made by software.
 */
export function macKey(raw: string | null | undefined): string | null {
  const key = (raw ?? "").toLowerCase().replace(/[^0-9a-z]/g, "");
  if (!/^[0-9a-f]{12}$/.test(key) || /^0+$/.test(key)) return null;
  if ((parseInt(key.slice(0, 2), 16) & 0b11) !== 0) return null;
  if (shared.has(key) || key.endsWith(softwareMacSuffix)) return null;
  if (softwareMacPrefixes.some((prefix) => key.startsWith(prefix))) return null;
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
  const key = foldText((raw ?? "").trim()).split(".")[0] ?? "";
  if (key.length < 2 || /^\d+$/.test(key) || key.includes(":")) return null;
  return junkHostnames.has(key.replace(/-\d+$/, "")) ? null : key;
}

/** What a machine is made of, brought to one form: it finds no machine, but speaks against a wrong one. */
export interface Hardware {
  maker: string | null;
  model: string | null;
  /** Of physical disks, in whole GB. */
  diskSizes: number[];
}

/** As the RMM writes it. */
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

/** Null where a vendor left "System Product Name" or the like in place. */
function wordsOf(raw: string | null | undefined): string | null {
  const words = wordKey(raw ?? "");
  return words === "" || isPlaceholder(words) || placeholderModels.has(words) ? null : words;
}

/** An asset that has something in common with the device. */
export interface KnownMachine extends IdentityKeys, Partial<Hardware> {
  assetId: string;
  clientId: string | null;
  /** A device that is listed, or was at the last complete sweep, is tied to it. */
  isLinked: boolean;
  /** No device was ever tied to it: its hostname is the name that a person gave it. */
  isNamedByHand?: boolean;
}

/** What a machine is known by, the strongest first. */
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
  /** Several could be it, or one could, with something that speaks against it. */
  | { state: "ambiguous"; candidates: Candidate[] }
  /**
   * The same hardware as an asset whose device is still listed: re-enrolled, if that one goes. With something that speaks
   * against it, a machine of its own unless that one goes in the same sweep.
   */
  | { state: "waiting"; candidates: Candidate[]; isDoubtful?: boolean };

/** A serial or MAC address that so many devices share is nobody's. */
const SHARED_BY_TOO_MANY = 3;

export interface MatchInput extends IdentityKeys, Partial<Hardware> {
  clientId: string;
}

/**
 * Finds the asset that a device is, among the assets of its client that no listed device is tied to. The first key that
 * finds any decides.
 * @param known assets of any client with a key in common
 * @param sharedBy how many devices in all bear a serial or MAC address
 * @param keys what is compared, and in which order
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
    // A name is passed on from one machine to the next: it is no sign of a second enrolment.
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
    // Two serial numbers that differ are two machines, whatever else they share: a dock, a name passed on.
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

/** Whether two machines with a key in common are likely one: more speaks for it than against it. */
export const isLikelyOne = (a: Machine, b: Machine): boolean =>
  !differ(a.serialKey, b.serialKey) && !isDoubtful(a, b);

/**
 * Whether as much speaks against a link as for it. One key alone is no proof against another name, other addresses, other
 * disks or another make: it may be a placeholder that no list has, a dock, or a name passed on.
 */
function isDoubtful(device: Machine, machine: Machine): boolean {
  const macs = compareMacs(device.macKeys, machine.macKeys);
  const signsFor =
    Number(device.serialKey !== null && device.serialKey === machine.serialKey) +
    Number(device.hostnameKey !== null && device.hostnameKey === machine.hostnameKey) +
    macs.signsFor;
  const signsAgainst =
    // "Reception" is no other hostname than PC-0815, it is none.
    Number(machine.isNamedByHand !== true && differ(device.hostnameKey, machine.hostnameKey)) +
    Number(macs.differ) +
    Number(haveNoneInCommon(device.diskSizes ?? [], machine.diskSizes ?? [])) +
    // A board keeps its make for life: it counts as much as two of the others.
    2 * Number(isOtherMake(device, machine));
  return signsAgainst >= signsFor;
}

/** Addresses agree where one machine has all of the other's; two that agree are worth two keys. */
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
