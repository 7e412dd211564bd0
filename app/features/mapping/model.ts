import {
  resolveClients,
  type ClientResolution,
  type MappedGroup,
  type MappingState,
} from "@domain/group-tree";
import { foldText } from "@domain/text";

import type { MappingGroup } from "./mapping.page.server";

/** The assignment of a group: an existing client, a new one, the parent's, or none. */
export type Assignment =
  | ({ state: "mapped"; clientId: string; clientName?: undefined } & ChosenPlace)
  | { state: "mapped"; clientName: string; clientId?: undefined }
  | { state: "inherit" }
  | { state: "excluded" };

/** The client's site and default contact. Undefined keeps what the group has as long as its client stays. */
export interface ChosenPlace {
  siteId?: string | null;
  contactId?: string | null;
}

export type Drafts = ReadonlyMap<string, Assignment>;

/** The part of a group that stays during editing: its place in the tree and the counts. */
export interface TreeNode {
  group: MappingGroup;
  /** 0 at the top level. */
  depth: number;
  childIds: string[];
  /** The number of devices in the group and in all groups below it. */
  subtreeDevices: number;
  /** The path in lower case, for searching. */
  searchText: string;
  path: string;
  /** The position among its siblings, from 1, and the number of siblings. */
  position: number;
  siblings: number;
}

export type Tree = ReadonlyMap<string, TreeNode>;

/**
 * Builds the tree.
 * @param groups in the order of the tree: a parent before its children
 */
export function buildTree(groups: readonly MappingGroup[]): Tree {
  const tree = new Map<string, TreeNode>();
  let roots = 0;
  for (const group of groups) {
    const parent = group.parentId === null ? undefined : tree.get(group.parentId);
    const path = parent === undefined ? group.name : `${parent.path} / ${group.name}`;
    parent?.childIds.push(group.id);
    tree.set(group.id, {
      group,
      depth: parent === undefined ? 0 : parent.depth + 1,
      childIds: [],
      subtreeDevices: group.devices,
      searchText: foldText(path),
      path,
      position: parent === undefined ? ++roots : parent.childIds.length,
      siblings: 0,
    });
  }
  for (const node of [...tree.values()].reverse()) {
    const parent = node.group.parentId === null ? undefined : tree.get(node.group.parentId);
    node.siblings = parent === undefined ? roots : parent.childIds.length;
    if (parent !== undefined) parent.subtreeDevices += node.subtreeDevices;
  }
  return tree;
}

/** The stored assignment of a group. */
export const storedAssignment = ({ state, clientId, siteId, contactId }: MappingGroup): Assignment => {
  if (state === "mapped" && clientId !== null)
    return {
      state,
      clientId,
      ...(siteId !== null && { siteId }),
      ...(contactId !== null && { contactId }),
    };
  return { state: state === "excluded" ? "excluded" : "inherit" };
};

const sameAssignment = (draft: Assignment, stored: Assignment): boolean =>
  draft.state === stored.state &&
  clientKey(draft) === clientKey(stored) &&
  samePlace(placeOf(draft), placeOf(stored));

/** The site and contact of an assignment to an existing client. */
export const placeOf = (assignment: Assignment | undefined): ChosenPlace =>
  assignment?.state === "mapped" && assignment.clientId !== undefined ? assignment : {};

/**
 * The site and contact that the row of a group shows: those of its draft, of its own decision, or of the rule that it
 * follows.
 */
export const placeShown = (group: MappingGroup, draft: Assignment | undefined): ChosenPlace =>
  draft === undefined && group.rule?.state === "mapped" ? group : placeOf(draft ?? storedAssignment(group));

const samePlace = (draft: ChosenPlace, stored: ChosenPlace): boolean =>
  (["siteId", "contactId"] as const).every(
    (field) => draft[field] === undefined || draft[field] === (stored[field] ?? null),
  );

/** A key that identifies a client, existing or new. */
const clientKey = (assignment: Assignment): string | null => {
  if (assignment.state !== "mapped") return null;
  return assignment.clientId ?? `new:${foldText(assignment.clientName.trim())}`;
};

type Clients = readonly { id: string; name: string }[];

/**
 * The drafts that still differ from the stored mapping. A draft for a new client that exists by now (saved, or created
 * by another person) refers to that client.
 */
export function liveDrafts(
  tree: Tree,
  drafts: ReadonlyMap<string, Assignment>,
  clients: Clients,
): Map<string, Assignment> {
  const byName = new Map([
    ...clients.map(({ id, name }) => [foldText(name), id] as const),
    ...clients.map(({ id, name }) => [name, id] as const),
  ]);
  const live = new Map<string, Assignment>();
  for (const [id, draft] of drafts) {
    const node = tree.get(id);
    if (node === undefined) continue;
    const assignment = withKnownClient(draft, byName);
    if (!sameAssignment(assignment, storedAssignment(node.group))) live.set(id, assignment);
  }
  return live;
}

function withKnownClient(draft: Assignment, byName: ReadonlyMap<string, string>): Assignment {
  if (draft.state !== "mapped" || draft.clientName === undefined) return draft;
  const name = draft.clientName.trim();
  const clientId = byName.get(name) ?? byName.get(foldText(name));
  return clientId === undefined ? draft : { state: "mapped", clientId };
}

/** The client of each group once the drafts are saved. */
export function resolveWithDrafts(tree: Tree, drafts: Drafts): Map<string, ClientResolution> {
  const groups = [...tree.values()].map(({ group }): MappedGroup => {
    const assignment = drafts.get(group.id) ?? storedAssignment(group);
    const place = { externalId: group.id, parentExternalId: group.parentId };
    if (assignment.state === "inherit" && group.rule !== null)
      return { ...place, state: group.rule.state, clientId: group.rule.clientId };
    return { ...place, state: assignment.state as MappingState, clientId: clientKey(assignment) };
  });
  return resolveClients(groups);
}

/** The names of clients, by the keys that `resolveWithDrafts` returns. */
export function clientNames(clients: Clients, drafts: Drafts): Map<string, string> {
  const names = new Map(clients.map(({ id, name }) => [id, name]));
  for (const draft of drafts.values()) {
    const key = clientKey(draft);
    if (key !== null && draft.state === "mapped" && draft.clientName !== undefined && !names.has(key))
      names.set(key, draft.clientName);
  }
  return names;
}

export const stateFilters = [
  "all",
  "unmapped",
  "mapped",
  "excluded",
  "changed",
  "suggested",
  "gone",
] as const;
export type StateFilter = (typeof stateFilters)[number];

interface View {
  tree: Tree;
  drafts: Drafts;
  resolved: ReadonlyMap<string, ClientResolution>;
  query: string;
  filter: StateFilter;
  collapsed: ReadonlySet<string>;
}

export interface VisibleRow {
  id: string;
  /** False for a group that is shown only because one below it matches. */
  matches: boolean;
  isExpanded: boolean;
}

/** The rows to show, in order. A search shows the matches with the groups above them, expanded. */
export function visibleRows({ tree, drafts, resolved, query, filter, collapsed }: View): VisibleRow[] {
  const words = foldText(query)
    .split(/\s+/)
    .filter((word) => word !== "");
  const isSearching = words.length > 0 || filter !== "all";
  const fits = (node: TreeNode): boolean =>
    words.every((word) => node.searchText.includes(word)) && fitsFilter(node, filter, drafts, resolved);
  const matching = new Set<string>();
  const shown = new Set<string>();
  if (isSearching) {
    for (const [id, node] of tree) {
      if (!fits(node)) continue;
      matching.add(id);
      for (let at: TreeNode | undefined = node; at !== undefined && !shown.has(at.group.id);) {
        shown.add(at.group.id);
        at = at.group.parentId === null ? undefined : tree.get(at.group.parentId);
      }
    }
  }
  const rows: VisibleRow[] = [];
  /** The depth of the last collapsed group: everything deeper is hidden. */
  let hiddenBelow = Infinity;
  for (const [id, node] of tree) {
    if (node.depth > hiddenBelow) continue;
    hiddenBelow = Infinity;
    if (isSearching && !shown.has(id)) continue;
    const isExpanded = isSearching || !collapsed.has(id);
    if (!isExpanded) hiddenBelow = node.depth;
    rows.push({ id, matches: !isSearching || matching.has(id), isExpanded });
  }
  return rows;
}

function fitsFilter(
  { group }: TreeNode,
  filter: StateFilter,
  drafts: Drafts,
  resolved: ReadonlyMap<string, ClientResolution>,
): boolean {
  const resolution = resolved.get(group.id);
  switch (filter) {
    case "all":
      return true;
    case "unmapped":
      return resolution?.skip === "unmapped" && group.goneAt === null;
    case "mapped":
      return resolution?.skip === undefined;
    case "excluded":
      return resolution?.skip === "excluded";
    case "changed":
      return drafts.has(group.id);
    case "suggested":
      return group.suggestion !== null && resolution?.skip === "unmapped";
    case "gone":
      return group.goneAt !== null;
  }
}

/** Groups with children, for collapsing them all. */
export const parentsOf = (tree: Tree): Set<string> =>
  new Set([...tree.values()].filter((node) => node.childIds.length > 0).map((node) => node.group.id));

/** The changes in the server's format. */
export const changesOf = (drafts: Drafts) =>
  [...drafts].map(([externalId, assignment]) => ({ externalId, ...assignment }));
