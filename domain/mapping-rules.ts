import { cleanClientName, maxClientName } from "./client-name";
import { buildGroupTree, type GroupInput, type MappingState } from "./group-tree";
import { capText, foldText } from "./text";
import { alignToPattern, matchesWildcards } from "./wildcards";

/**
 * Rules that map groups by their path. A group that nobody decided on follows the first rule whose pattern fits; one
 * with a decision of its own follows none.
 *
 * A pattern has the names from the top with `/` between them (`\/` for a slash in a name). In a name `*` stands for any
 * text and `?` for one character; `**` stands for any number of groups, or none; `{client}` for the whole name of a group,
 * which the rule's client can use. Case does not matter.
 */

/** A rule as a person, a file or a program gives it. */
export interface MappingRuleInput {
  pattern: string;
  state: MappingState;
  /** Of a rule to `mapped`, and of no other: a client's name, with names of the path as `{client}`. */
  client: string | null;
}

export interface MappingRule extends MappingRuleInput {
  id: string;
  /** The client that `client` names; null where it depends on the group, is not made yet, or is archived. */
  clientId: string | null;
  /** Then no further group follows it, and those that do keep the client that they have. */
  isClientArchived?: boolean;
}

export const mappingRuleLimits = { rules: 500, pattern: 1_000 } as const;

/** What a rule has a group do. */
export interface RuleDecision {
  externalId: string;
  state: MappingState;
  clientId: string | null;
  /** A client that is looked up by its name, and made if there is none of it. */
  clientName: string | null;
  /** Null: no rule fits any more. */
  ruleId: string | null;
  /** The name that the path gave the client: while it stays the same, so does the client, whatever it is called now. */
  ruleClient: string | null;
}

export interface RuledGroup extends GroupInput {
  state: MappingState;
  clientId: string | null;
  ruleId: string | null;
  ruleClient: string | null;
  goneAt: string | null;
}

type Segment = { kind: "deep" } | { kind: "named"; name: string } | { kind: "text"; text: string };

const namedSegment = /^\{([A-Za-z][\w-]{0,39})\}$/;
const placeholder = /\{([A-Za-z][\w-]{0,39})\}/g;

/** The names in a pattern, as they are written. */
function splitPattern(pattern: string): string[] {
  const names = [""];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === "/") names.push("");
    else names[names.length - 1] += char === "\\" && at + 1 < pattern.length ? pattern[++at]! : char;
  }
  return names.map((name) => name.trim());
}

const segmentsOf = (pattern: string): Segment[] =>
  splitPattern(pattern).map((name): Segment => {
    if (name === "**") return { kind: "deep" };
    const named = namedSegment.exec(name)?.[1];
    return named === undefined ? { kind: "text", text: foldText(name) } : { kind: "named", name: named };
  });

/** What is wrong with a rule; null if nothing is. */
export function ruleProblem({
  pattern,
  state,
  client,
}: MappingRuleInput): { column: "pattern" | "client"; message: string } | null {
  const segments = segmentsOf(pattern);
  if (segments.some((segment) => segment.kind === "text" && segment.text === ""))
    return { column: "pattern", message: "Write names with / between them, such as Customers/{client}/**" };
  if ((state === "mapped") !== (client !== null))
    return {
      column: "client",
      message: state === "mapped" ? "Name the client." : `A rule to “${state}” has no client.`,
    };
  const named = new Set(segments.flatMap((segment) => (segment.kind === "named" ? [segment.name] : [])));
  const unknown = placeholdersOf(client ?? "").find((name) => !named.has(name));
  if (unknown === undefined) return null;
  return { column: "client", message: `The pattern has no {${unknown}} that stands for a whole name.` };
}

const placeholdersOf = (text: string): string[] => [...text.matchAll(placeholder)].map(([, name]) => name!);

/** Whether the rule's client depends on the group. */
export const isByPath = ({ client }: Pick<MappingRuleInput, "client">): boolean =>
  client !== null && placeholdersOf(client).length > 0;

/** Patterns are the same rule if they say the same. */
export const ruleKey = ({ pattern }: Pick<MappingRuleInput, "pattern">): string =>
  foldText(
    splitPattern(pattern)
      .map((name) => name.replace(/[\\/]/g, (char) => `\\${char}`))
      .join("/"),
  );

interface Compiled {
  rule: MappingRule;
  segments: Segment[];
}

interface Name {
  name: string;
  folded: string;
}

const fits = (segment: Segment, { folded }: Name): boolean =>
  segment.kind === "named" || (segment.kind === "text" && matchesWildcards(segment.text, folded));

/** The client's name with the names of the path in it; null if the pattern does not fit. */
function match({ rule, segments }: Compiled, path: readonly Name[]): { client: string | null } | null {
  const taken = alignToPattern(segments, path, ({ kind }) => kind === "deep", fits);
  if (taken === null) return null;
  const names = new Map(
    segments.flatMap((segment, at): [string, string][] =>
      segment.kind === "named" ? [[segment.name, path[taken[at]!]!.name]] : [],
    ),
  );
  const client = rule.client?.replace(placeholder, (_, name: string) => names.get(name) ?? "");
  return { client: client === undefined ? null : capText(cleanClientName(client), maxClientName) };
}

/**
 * What the rules have each listed group do that nobody decided on, where that is not what is stored.
 * @param rules in their order: the first that fits decides
 */
export function followRules(groups: readonly RuledGroup[], rules: readonly MappingRule[]): RuleDecision[] {
  if (rules.length === 0 && groups.every(({ ruleId }) => ruleId === null)) return [];
  const compiled = rules.map((rule): Compiled => ({ rule, segments: segmentsOf(rule.pattern) }));
  const paths = new Map<string, Name[]>();
  const decisions: RuleDecision[] = [];
  for (const { externalId, parentId, name, group } of buildGroupTree(groups).byId.values()) {
    const above = parentId === null ? [] : paths.get(parentId)!;
    const path = [...above, { name, folded: foldText(name) }];
    paths.set(externalId, path);
    const isDecidedByPerson = group.state !== "inherit" && group.ruleId === null;
    if (isDecidedByPerson || group.goneAt !== null) continue;
    const decision = decide(group, compiled, path);
    if (decision !== null && isNew(decision, group)) decisions.push(decision);
  }
  return decisions;
}

/** Null: it keeps what it has. */
function decide(group: RuledGroup, rules: readonly Compiled[], path: readonly Name[]): RuleDecision | null {
  const { externalId } = group;
  for (const one of rules) {
    const found = match(one, path);
    if (found === null) continue;
    const { rule } = one;
    if (rule.isClientArchived === true) {
      if (group.ruleId === rule.id) return null;
      continue;
    }
    const common = { externalId, state: rule.state, ruleId: rule.id };
    if (rule.state !== "mapped") return { ...common, clientId: null, clientName: null, ruleClient: null };
    if (!isByPath(rule)) {
      const clientName = rule.clientId === null ? found.client : null;
      return { ...common, clientId: rule.clientId, clientName, ruleClient: null };
    }
    const isAsBefore =
      group.clientId !== null && group.ruleId === rule.id && group.ruleClient === found.client;
    return {
      ...common,
      clientId: isAsBefore ? group.clientId : null,
      clientName: isAsBefore ? null : found.client,
      ruleClient: found.client,
    };
  }
  return {
    externalId,
    state: "inherit",
    clientId: null,
    clientName: null,
    ruleId: null,
    ruleClient: null,
  };
}

const isNew = (decision: RuleDecision, group: RuledGroup): boolean =>
  decision.clientName !== null ||
  decision.state !== group.state ||
  decision.clientId !== group.clientId ||
  decision.ruleId !== group.ruleId ||
  decision.ruleClient !== group.ruleClient;

/** How a rule of a file differs from what is stored. */
export const ruleChanges = ["none", "added", "changed", "moved", "removed"] as const;

export interface RuleComparison extends MappingRuleInput {
  change: (typeof ruleChanges)[number];
}

/** Each wanted rule in its order, then those that would be removed. */
export function compareRules(
  stored: readonly MappingRuleInput[],
  wanted: readonly MappingRuleInput[],
): RuleComparison[] {
  const byKey = new Map(stored.map((rule) => [ruleKey(rule), rule]));
  const wantedKeys = new Set(wanted.map(ruleKey));
  const orderBefore = stored.map(ruleKey).filter((key) => wantedKeys.has(key));
  const orderAfter = wanted.map(ruleKey).filter((key) => byKey.has(key));
  const shown = ({ pattern, state, client }: MappingRuleInput) => ({ pattern, state, client });
  const isSame = (a: MappingRuleInput, b: MappingRuleInput) =>
    a.state === b.state && foldText(a.client ?? "") === foldText(b.client ?? "");
  const changeOf = (rule: MappingRuleInput): RuleComparison["change"] => {
    const key = ruleKey(rule);
    const before = byKey.get(key);
    if (before === undefined) return "added";
    if (!isSame(before, rule)) return "changed";
    return orderBefore.indexOf(key) === orderAfter.indexOf(key) ? "none" : "moved";
  };
  return [
    ...wanted.map((rule) => ({ ...shown(rule), change: changeOf(rule) })),
    ...stored
      .filter((rule) => !wantedKeys.has(ruleKey(rule)))
      .map((rule) => ({ ...shown(rule), change: "removed" as const })),
  ];
}
