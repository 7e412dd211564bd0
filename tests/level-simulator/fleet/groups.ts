import type { Random } from "../random";
import { levelId, type StoredGroup } from "../records";
import { CLIENT_NAMES, CLIENT_TRADES, PLACES, SITE_NAMES, SUBGROUP_NAMES, type Place } from "./words";

/** One MSP customer: a top-level group and the places its machines can be in. */
export interface ClientPlan {
  name: string;
  /** Short form in hostnames: "HLD". */
  code: string;
  domain: string;
  rootId: string;
  place: Place;
  sites: SitePlan[];
  /** How much of the fleet is theirs, relative to the others. */
  weight: number;
  /** The third octet of their addresses. */
  subnet: number;
}

interface SitePlan {
  id: string;
  place: Place;
  /** Group ids by name of the sub-group, where the site has them. */
  subgroups: Partial<Record<(typeof SUBGROUP_NAMES)[number], string>>;
}

const FIRST_GROUP_NUMBER = 40112;

/** About one client for 60 devices, each with sites and, in half of them, sub-groups. The last client nests ten deep. */
export function planGroups(
  random: Random,
  devices: number,
): { groups: StoredGroup[]; clients: ClientPlan[] } {
  const groups: StoredGroup[] = [];
  let number = FIRST_GROUP_NUMBER;
  const addGroup = (name: string, parentId: string | null): string => {
    number += random.int(1, 9);
    const id = levelId("DeviceGroup", number);
    groups.push({ id, parent_id: parentId, name });
    return id;
  };

  const count = devices === 0 ? 0 : Math.max(1, Math.round(devices / 60));
  const clients = Array.from({ length: count }, (_, index): ClientPlan => {
    const name = clientName(index);
    const place = random.pick(PLACES);
    const rootId = addGroup(name, null);
    const sites = Array.from({ length: random.int(1, 4) }, (__, site): SitePlan => {
      const sitePlace = site === 0 ? place : random.pick(PLACES);
      const id = addGroup(`${SITE_NAMES[site % SITE_NAMES.length]}`, rootId);
      const subgroups: SitePlan["subgroups"] = {};
      if (random.chance(0.5)) for (const part of SUBGROUP_NAMES) subgroups[part] = addGroup(part, id);
      return { id, place: sitePlace, subgroups };
    });
    if (index === count - 1) sites.push({ id: deepGroup(addGroup, rootId), place, subgroups: {} });
    const code = codeFor(name, index);
    return {
      name,
      code,
      domain: code,
      rootId,
      place,
      sites,
      weight: 0.3 + random.next() * 1.4,
      subnet: index % 250,
    };
  });
  return { groups, clients };
}

function deepGroup(addGroup: (name: string, parentId: string) => string, rootId: string): string {
  let id = rootId;
  for (let depth = 1; depth < 10; depth += 1) id = addGroup(`Level ${depth}`, id);
  return id;
}

/** Unique for any number of clients: names × trades, then numbered. */
function clientName(index: number): string {
  const name = CLIENT_NAMES[index % CLIENT_NAMES.length];
  const round = Math.floor(index / CLIENT_NAMES.length);
  const trade = CLIENT_TRADES[(index + round) % CLIENT_TRADES.length];
  const repeat = Math.floor(round / CLIENT_TRADES.length);
  return `${name} ${trade}${repeat > 0 ? ` ${repeat + 1}` : ""}`;
}

function codeFor(name: string, index: number): string {
  const letters = name
    .normalize("NFD")
    .replace(/[^A-Za-z]/g, "")
    .toUpperCase();
  const consonants = letters.slice(0, 1) + letters.slice(1).replace(/[AEIOU]/g, "");
  return `${consonants.slice(0, 3).padEnd(3, "X")}${index >= CLIENT_NAMES.length ? index : ""}`;
}

/** Picks a client as often as its share says, in a time that does not grow with the number of clients. */
export function clientPicker(clients: readonly ClientPlan[]): (random: Random) => ClientPlan {
  const ends: number[] = [];
  let total = 0;
  for (const client of clients) ends.push((total += client.weight));
  return (random) => {
    const mark = random.next() * total;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) > mark) high = middle;
      else low = middle + 1;
    }
    const client = clients[low];
    if (!client) throw new Error("there are no clients to pick from");
    return client;
  };
}
