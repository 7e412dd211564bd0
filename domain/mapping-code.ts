import { buildGroupTree, type GroupInput, type MappingState } from "./group-tree";
import { ruleKey, ruleProblem, type MappingRuleInput } from "./mapping-rules";
import { foldText } from "./text";

/**
 * The mapping as text that people keep in files: groups by path, clients by name. Where several groups have one path,
 * the group's id at the RMM tells them apart.
 */

export interface MappingRow {
  path: string;
  state: MappingState;
  /** For a mapped group only. */
  client: string | null;
  /** Site and contact of the client: where the devices are, and whom to call about them. */
  site?: string | null | undefined;
  contact?: string | null | undefined;
  id?: string | undefined;
}

/** A stored group of the RMM. */
export interface CodedGroup extends GroupInput {
  state: MappingState;
  clientId: string | null;
  siteId: string | null;
  contactId: string | null;
  /** Whether it follows a rule, without a decision of its own. */
  ruleId: string | null;
  goneAt: string | null;
}

/** A group whose decision the file changes. */
export interface CodedChange {
  externalId: string;
  path: string;
  from: CodedDecision;
  to: CodedDecision;
}

interface CodedDecision {
  state: MappingState;
  client: string | null;
  /** Left out if there is none, because most mappings have none. */
  site?: string;
  contact?: string;
}

/** The error of a row in one of the lists, from 0, and its column. */
export interface RowProblem {
  list?: "groups" | "rules";
  row: number;
  column: keyof MappingRow | keyof MappingRuleInput;
  message: string;
}

const separator = " / ";

const namedFields = ["client", "site", "contact"] as const;

/** Names may have slashes: they are written "\/", and a backslash "\\". */
const escaped = (name: string): string => name.replace(/[\\/]/g, (char) => `\\${char}`);

/** The names of the clients, sites and contacts that groups are mapped to. */
export interface NamesOfMapping {
  client: (id: string) => string | undefined;
  site: (id: string | null) => string | undefined;
  contact: (id: string | null) => string | undefined;
}

interface Place<Group extends CodedGroup> {
  group: Group;
  row: MappingRow;
}

/** Listed groups with their rows, a parent before its children. */
function placesOf<Group extends CodedGroup>(
  groups: readonly Group[],
  nameOf: NamesOfMapping,
): Place<Group>[] {
  const { byId } = buildGroupTree(groups.filter(({ goneAt }) => goneAt === null));
  const paths = new Map<string, string>();
  const uses = new Map<string, number>();
  for (const { externalId, parentId, name } of byId.values()) {
    const above = parentId === null ? undefined : paths.get(parentId);
    const path = above === undefined ? escaped(name) : `${above}${separator}${escaped(name)}`;
    paths.set(externalId, path);
    uses.set(path, (uses.get(path) ?? 0) + 1);
  }
  return [...byId.values()].map(({ externalId, group }) => {
    const path = paths.get(externalId)!;
    const row = { path, ...decisionOf(group, nameOf) };
    return { group, row: uses.get(path)! > 1 ? { ...row, id: externalId } : row };
  });
}

/** A mapped group whose client no longer exists decides nothing. */
function decisionOf(group: CodedGroup, nameOf: NamesOfMapping): CodedDecision {
  const { state, clientId, siteId, contactId, ruleId } = group;
  if (ruleId !== null) return { state: "inherit", client: null };
  const client = state === "mapped" && clientId !== null ? nameOf.client(clientId) : undefined;
  if (state !== "mapped") return { state, client: null };
  if (client === undefined) return { state: "inherit", client: null };
  return decided({ state, client, site: nameOf.site(siteId), contact: nameOf.contact(contactId) });
}

const decided = ({
  state,
  client,
  site,
  contact,
}: Pick<MappingRow, "state" | "client" | "site" | "contact">) => ({
  state,
  client,
  ...(site != null && { site }),
  ...(contact != null && { contact }),
});

/** Every listed group as a row. Groups that the RMM no longer lists are left out and not changed. */
export const mappingRows = (groups: readonly CodedGroup[], nameOf: NamesOfMapping): MappingRow[] =>
  placesOf(groups, nameOf).map(({ row }) => row);

/**
 * The changes that the rows make. They are the whole mapping: a listed group without a row inherits.
 * @returns the changes, or all errors of the rows
 */
export function compareMapping(
  groups: readonly CodedGroup[],
  nameOf: NamesOfMapping,
  rows: readonly MappingRow[],
): { state: "compared"; changes: CodedChange[] } | { state: "invalid"; problems: RowProblem[] } {
  const places = placesOf(groups, nameOf);
  const byPath = new Map<string, Place<CodedGroup>[]>();
  for (const place of places) byPath.set(place.row.path, [...(byPath.get(place.row.path) ?? []), place]);
  const wanted = new Map<string, MappingRow>();
  const problems: RowProblem[] = [];
  for (const [row, given] of rows.entries()) {
    const found = findPlace(byPath.get(given.path) ?? [], given);
    if ("message" in found) problems.push({ row, ...found });
    else if (wanted.has(found.group.externalId))
      problems.push({ row, column: "path", message: `“${given.path}” stands twice in the file.` });
    else wanted.set(found.group.externalId, given);
  }
  if (problems.length > 0) return { state: "invalid", problems };
  const inherits: CodedDecision = { state: "inherit", client: null };
  const changes = places.flatMap(({ group: { externalId }, row: { path, ...row } }): CodedChange[] => {
    const [from, to] = [decided(row), decided(wanted.get(externalId) ?? inherits)];
    const isSame =
      from.state === to.state &&
      namedFields.every((field) => foldText(from[field] ?? "") === foldText(to[field] ?? ""));
    return isSame ? [] : [{ externalId, path, from, to }];
  });
  return { state: "compared", changes };
}

function findPlace<Group extends CodedGroup>(
  places: readonly Place<Group>[],
  { path, id }: MappingRow,
): Place<Group> | Omit<RowProblem, "row"> {
  const [place, ...others] = places;
  if (place === undefined) return { column: "path", message: `There is no group “${path}”.` };
  if (id === undefined) {
    if (others.length === 0) return place;
    const ids = places.map(({ group }) => group.externalId).join(", ");
    return { column: "id", message: `There are ${places.length} groups “${path}”: say which, of ${ids}.` };
  }
  const named = places.find(({ group }) => group.externalId === id);
  return named ?? { column: "id", message: `No group “${path}” has the id “${id}”.` };
}

/** The errors of rules, of each alone and of all together. */
export function problemsOfRules(rules: readonly MappingRuleInput[]): RowProblem[] {
  const seen = new Set<string>();
  return rules.flatMap((rule, row): RowProblem[] => {
    const key = ruleKey(rule);
    const isSecond = seen.has(key);
    seen.add(key);
    const problem = isSecond
      ? { column: "pattern" as const, message: `“${rule.pattern}” stands twice in the rules.` }
      : ruleProblem(rule);
    return problem === null ? [] : [{ list: "rules", row, ...problem }];
  });
}
