import { isOlder } from "./observation";

/**
 * The provider's groups as a forest, and the client of each group.
 * Source of the rules: the deepest mapped ancestor wins; an excluded branch stays excluded unless a
 * deeper group is mapped. Everything here is iterative and linear: depth and cycles cost nothing.
 */

export interface GroupInput {
  externalId: string;
  parentExternalId: string | null;
  name: string;
}

export interface GroupNode<Group extends GroupInput = GroupInput> {
  group: Group;
  externalId: string;
  /** The parent in this forest: null for a top-level group, an unknown parent and the cut end of a cycle. */
  parentId: string | null;
  name: string;
  /** "Acme Corp / Branch Office". */
  path: string;
  /** 0 at the top level. */
  depth: number;
  /** By name, then id. */
  children: GroupNode<Group>[];
}

export interface GroupTree<Group extends GroupInput = GroupInput> {
  /** Top-level groups by name, then id. */
  roots: GroupNode<Group>[];
  /** Every group once, in the order of a tree view: a parent before its children. */
  byId: Map<string, GroupNode<Group>>;
}

const pathSeparator = " / ";

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const byNameThenId = (a: GroupNode, b: GroupNode): number =>
  collator.compare(a.name, b.name) || (a.externalId < b.externalId ? -1 : 1);

/** An id given twice counts once, with its last record. */
export function buildGroupTree<Group extends GroupInput>(groups: Iterable<Group>): GroupTree<Group> {
  const nodes = new Map<string, GroupNode<Group>>();
  for (const group of groups) {
    const { externalId, name } = group;
    nodes.set(externalId, { group, externalId, parentId: null, name, path: name, depth: 0, children: [] });
  }

  const roots: GroupNode<Group>[] = [];
  for (const [id, parentId] of effectiveParents([...nodes.values()].map((node) => node.group))) {
    const node = nodes.get(id)!;
    const parent = parentId === null ? undefined : nodes.get(parentId);
    node.parentId = parent ? parent.externalId : null;
    (parent ? parent.children : roots).push(node);
  }

  const byId = new Map<string, GroupNode<Group>>();
  const pending = [...roots.sort(byNameThenId)].reverse();
  for (let node = pending.pop(); node; node = pending.pop()) {
    byId.set(node.externalId, node);
    node.children.sort(byNameThenId);
    for (const child of node.children) {
      child.depth = node.depth + 1;
      child.path = node.path + pathSeparator + child.name;
    }
    for (let i = node.children.length - 1; i >= 0; i--) pending.push(node.children[i]!);
  }
  return { roots, byId };
}

/** The groups above this one, nearest first. Empty for a top-level or unknown group. */
export function ancestorsOf<Group extends GroupInput>(
  tree: GroupTree<Group>,
  externalId: string,
): GroupNode<Group>[] {
  const ancestors: GroupNode<Group>[] = [];
  let parentId = tree.byId.get(externalId)?.parentId ?? null;
  while (parentId !== null) {
    const parent = tree.byId.get(parentId)!;
    ancestors.push(parent);
    parentId = parent.parentId;
  }
  return ancestors;
}

/**
 * Each id with a parent that exists and leads to a top. Of a cycle, the smallest id becomes the top: the cut
 * depends on the groups alone, never on the order in which they came.
 */
function effectiveParents(
  groups: { externalId: string; parentExternalId: string | null }[],
): Map<string, string | null> {
  const parents = new Map<string, string | null>(
    groups.map((group) => [group.externalId, group.parentExternalId]),
  );
  for (const [id, parentId] of parents)
    if (parentId !== null && !parents.has(parentId)) parents.set(id, null);

  /** The walk that first met an id: meeting one's own walk again is a cycle. */
  const metIn = new Map<string, string>();
  for (const start of parents.keys()) {
    let id: string | null = start;
    while (id !== null && !metIn.has(id)) {
      metIn.set(id, start);
      id = parents.get(id) ?? null;
    }
    if (id !== null && metIn.get(id) === start) cutCycle(parents, id);
  }
  return parents;
}

function cutCycle(parents: Map<string, string | null>, member: string): void {
  let smallest = member;
  for (let id = parents.get(member)!; id !== member; id = parents.get(id)!) if (id < smallest) smallest = id;
  parents.set(smallest, null);
}

export const mappingStates = ["mapped", "inherit", "excluded"] as const;
export type MappingState = (typeof mappingStates)[number];

export interface MappedGroup {
  externalId: string;
  parentExternalId: string | null;
  state: MappingState;
  /** The client of a mapped group. A mapped group without one counts as `inherit`. */
  clientId: string | null;
}

/** Which client takes the devices of a group, or why none does; and the group where that was decided. */
export type ClientResolution =
  | { clientId: string; skip?: undefined; decidedBy: string }
  | { clientId?: undefined; skip: "unmapped" | "excluded"; decidedBy: string | null };

/** Why a device has no client: its group leads to none, or a person undid that its asset got one. */
export type NoClientReason = "ungrouped" | "unmapped" | "excluded" | "undone";

export type DeviceClient =
  { clientId: string; skip?: undefined } | { clientId?: undefined; skip: NoClientReason };

/**
 * A group decides itself when it is mapped or excluded; otherwise its nearest deciding ancestor does.
 * `decidedBy === id` means "set here", anything else "inherited from that group".
 */
export function resolveClients(groups: Iterable<MappedGroup>): Map<string, ClientResolution> {
  const byId = new Map<string, MappedGroup>();
  for (const group of groups) byId.set(group.externalId, group);
  const parents = effectiveParents([...byId.values()]);

  const resolved = new Map<string, ClientResolution>();
  for (const start of byId.keys()) {
    const chain: string[] = [];
    let id: string | null = start;
    while (id !== null && !resolved.has(id)) {
      chain.push(id);
      id = parents.get(id) ?? null;
    }
    let above: ClientResolution = (id !== null && resolved.get(id)) || unmapped;
    for (const groupId of chain.reverse()) {
      above = ownDecision(byId.get(groupId)!) ?? above;
      resolved.set(groupId, above);
    }
  }
  return resolved;
}

const unmapped: ClientResolution = { skip: "unmapped", decidedBy: null };

function ownDecision(group: MappedGroup): ClientResolution | null {
  if (group.state === "mapped" && group.clientId !== null)
    return { clientId: group.clientId, decidedBy: group.externalId };
  if (group.state === "excluded") return { skip: "excluded", decidedBy: group.externalId };
  return null;
}

/** Groups whose assignment, or that of a group above them, a person changed after `sinceMs`. */
export function assignedSince(
  groups: Iterable<{ externalId: string; parentExternalId: string | null; assignedMs: number | null }>,
  sinceMs: number,
  now: Date,
): Set<string> {
  const byId = new Map([...groups].map((group) => [group.externalId, group]));
  const parents = effectiveParents([...byId.values()]);
  const known = new Map<string, boolean>();
  for (const start of byId.keys()) {
    const chain: string[] = [];
    let id: string | null = start;
    while (id !== null && !known.has(id)) {
      chain.push(id);
      id = parents.get(id) ?? null;
    }
    let above = id !== null && known.get(id) === true;
    for (const groupId of chain.reverse()) {
      above ||= isOlder(sinceMs, byId.get(groupId)!.assignedMs ?? 0, now);
      known.set(groupId, above);
    }
  }
  return new Set([...known].flatMap(([id, isRecent]) => (isRecent ? [id] : [])));
}

/** A group the tree does not know counts as unmapped: the device is counted and listed, never guessed a client. */
export function clientForDevice(
  resolved: ReadonlyMap<string, ClientResolution>,
  externalGroupId: string | null,
): DeviceClient {
  if (externalGroupId === null) return { skip: "ungrouped" };
  const resolution = resolved.get(externalGroupId) ?? unmapped;
  return resolution.skip === undefined ? { clientId: resolution.clientId } : { skip: resolution.skip };
}
