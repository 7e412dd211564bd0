import * as z from "zod";

import { comparedFields } from "./asset-fields";
import { assetTypes } from "./asset-words";
import {
  hostnameKey,
  macKey,
  matchKeys,
  serialKey,
  wordKey,
  type IdentityKeys,
  type MatchKey,
} from "./identity";
import { foldText } from "./text";

/** How a connection's new devices find their asset, or get a new one. */

const MAX_JUNK = 500;
const MAX_GROUPS = 1_000;
const MAX_STANDING = 100;
/** The rules of every connection until somebody changes them. */
export const DEFAULT_PRIORITY = 5;
const values = z.array(z.string().trim().min(1).max(200)).max(MAX_JUNK);

/** Kinds of values that can be listed as junk. */
export const junkKinds = ["serials", "macs", "hostnames"] as const;
export type JunkKind = (typeof junkKinds)[number];

/** The rules as they are stored and as the API takes them. A missing part is as in `defaultRules`. */
export const matchingRulesSchema = z
  .strictObject({
    approval: z
      .strictObject({
        mode: z
          .enum(["none", "all", "some"])
          .meta({ description: "`some`: devices in one of the groups, or of one of the types." }),
        groups: z
          .array(z.string().min(1).max(500))
          .max(MAX_GROUPS)
          .meta({ description: "The RMM's ids of groups; each stands for everything below it too." }),
        types: z.array(z.enum(assetTypes)),
      })
      .default({ mode: "none", groups: [], types: [] }),
    keys: z
      .array(z.enum(matchKeys))
      .refine((keys) => new Set(keys).size === keys.length, "A key stands in the list twice.")
      .default([...matchKeys])
      .meta({
        description: "What a new device is matched by, the first first. A key that is missing is not used.",
      }),
    junk: z
      .strictObject({ serials: values, macs: values, hostnames: values })
      .default({ serials: [], macs: [], hostnames: [] })
      .meta({
        description: "Values that identify no machine, besides those that are known to be placeholders.",
      }),
    differences: z
      .array(
        z.strictObject({
          field: z.enum(comparedFields),
          clientId: z.uuid().nullable().meta({ description: "The client of the assets; null: any." }),
          keep: z
            .enum(["ours", "theirs"])
            .meta({ description: "Who is right where a person's value and the RMM's differ." }),
        }),
      )
      .max(MAX_STANDING)
      .refine(
        (rules) => new Set(rules.map(({ field, clientId }) => `${field} ${clientId}`)).size === rules.length,
        "Two rules are about the same field of the same client.",
      )
      .default([])
      .meta({ description: "Differences that a sync resolves without asking." }),
    priority: z.int().min(1).max(9).default(DEFAULT_PRIORITY).meta({
      description:
        "1 leads. Where devices of several connections are one asset, the facts come from the lowest number; of equal ones, from the latest report.",
    }),
  })
  .meta({ id: "MatchingRules" });

export type MatchingRules = z.infer<typeof matchingRulesSchema>;

export const defaultRules: MatchingRules = matchingRulesSchema.parse({});

/** The stored rules, also from an earlier version; the defaults if nothing is stored. */
export const readStoredRules = (stored: unknown): MatchingRules =>
  stored === undefined ? defaultRules : matchingRulesSchema.parse(stored);

/** A rule about one client before those about all. */
export const specificFirst = (differences: MatchingRules["differences"]): MatchingRules["differences"] =>
  [...differences].sort((a, b) => Number(a.clientId === null) - Number(b.clientId === null));

/** Which new devices wait for approval; named groups include every group below them. */
export interface ApprovalScope {
  mode: MatchingRules["approval"]["mode"];
  groupIds: ReadonlySet<string>;
  types: ReadonlySet<string>;
}

interface GroupPlace {
  externalId: string;
  parentExternalId: string | null;
}

/** @param groups the connection's groups, which may have cycles and unknown parents */
export function approvalScope(
  { approval: { mode, groups: named, types } }: MatchingRules,
  groups: Iterable<GroupPlace>,
): ApprovalScope {
  const groupIds = new Set(named);
  if (mode === "some" && named.length > 0) {
    const children = new Map<string, string[]>();
    for (const { externalId, parentExternalId } of groups) {
      if (parentExternalId === null) continue;
      const siblings = children.get(parentExternalId);
      if (siblings === undefined) children.set(parentExternalId, [externalId]);
      else siblings.push(externalId);
    }
    const pending = [...groupIds];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      for (const child of children.get(id) ?? []) {
        if (groupIds.has(child)) continue;
        groupIds.add(child);
        pending.push(child);
      }
    }
  }
  return { mode, groupIds, types: new Set(types) };
}

/** Whether a device gets its asset only on approval. A device without a type becomes a workstation. */
export function waitsForApproval(
  { mode, groupIds, types }: ApprovalScope,
  device: { externalGroupId: string | null; assetType: string | null },
): boolean {
  if (mode !== "some") return mode === "all";
  const isInGroup = device.externalGroupId !== null && groupIds.has(device.externalGroupId);
  return isInGroup || types.has(device.assetType ?? "workstation");
}

/** Junk values in the form of identity keys. */
export interface JunkKeys {
  serials: ReadonlySet<string>;
  macs: ReadonlySet<string>;
  hostnames: ReadonlySet<string>;
}

const normal: Record<JunkKind, (value: string) => string> = {
  serials: wordKey,
  macs: (value) => value.toLowerCase().replace(/[^0-9a-z]/g, ""),
  hostnames: (value) => foldText(value.trim()).split(".")[0] ?? "",
};

/** The identity key of a junk value. */
export const junkKey = (kind: JunkKind, value: string): string => normal[kind](value);

const isKey: Record<JunkKind, (value: string) => boolean> = {
  serials: (value) => wordKey(value) !== "",
  macs: (value) => /^[0-9a-f]{12}$/.test(normal.macs(value)),
  hostnames: (value) => normal.hostnames(value) !== "",
};

/** Values that cannot be a key of their kind: "12:34" is no MAC address. */
export const impossibleJunk = (kind: JunkKind, list: readonly string[]): string[] =>
  list.filter((value) => !isKey[kind](value));

/** Values that are ignored even if not listed. */
export const knownJunk = (kind: JunkKind, list: readonly string[]): string[] => {
  const keyOf = { serials: serialKey, macs: macKey, hostnames: hostnameKey }[kind];
  return list.filter((value) => isKey[kind](value) && keyOf(value) === null);
};

/** The values that the rules list as junk, in the form of identity keys. */
export const junkKeysOf = ({ junk }: MatchingRules): JunkKeys => ({
  serials: new Set(junk.serials.map(normal.serials)),
  macs: new Set(junk.macs.map(normal.macs)),
  hostnames: new Set(junk.hostnames.map(normal.hostnames)),
});

/** A machine without its junk keys. Stored keys stay, because a value may be removed from the list again. */
export function withoutJunk<Machine extends IdentityKeys>(machine: Machine, junk: JunkKeys): Machine {
  const { serialKey: serial, macKeys, hostnameKey: hostname } = machine;
  return {
    ...machine,
    serialKey: serial !== null && junk.serials.has(serial) ? null : serial,
    macKeys: junk.macs.size === 0 ? macKeys : macKeys.filter((mac) => !junk.macs.has(mac)),
    hostnameKey: hostname !== null && junk.hostnames.has(hostname) ? null : hostname,
  };
}

/** The parts of the rules that a sync needs to match a device. */
export interface MatchingOrder {
  keys: readonly MatchKey[];
  junk: JunkKeys;
}

/** The keys to compare, in their order, and the values to ignore. */
export const matchingOrderOf = (rules: MatchingRules): MatchingOrder => ({
  keys: rules.keys,
  junk: junkKeysOf(rules),
});
