import { cleanClientName, maxClientName } from "./client-name";
import { buildGroupTree, type GroupInput, type MappingState } from "./group-tree";
import { clientPartKinds, type ClientPartKind } from "./client-parts";
import { capText, foldText, onOneLine, textLimits } from "./text";
import { alignToPattern, matchesWildcards } from "./wildcards";

/**
 * Rules that map groups by their path. A group that nobody decided on follows the first rule whose pattern fits; one
 * with a decision of its own follows none.
 *
 * A pattern has the names from the top with `/` between them (`\/` for a slash in a name). In a name `*` stands for any
 * text and `?` for one character; `**` stands for any number of groups, or none; `{client}` for the whole name of a group,
 * which the rule's client, site and contact can use. Case does not matter.
 */

/** A rule as a person, a file or a program gives it. */
export interface MappingRuleInput {
  pattern: string;
  state: MappingState;
  /** Only for a rule to `mapped`: a client's name, with names of the path as `{client}`. */
  client: string | null;
  /**
   * Site and contact of the client: where the devices are, and whom to call about them. May contain names of the path
   * too.
   */
  site?: string | null | undefined;
  contact?: string | null | undefined;
}

/** A rule without its id, and without the site and contact that it does not have. */
export const ruleInput = ({ pattern, state, client, site, contact }: MappingRuleInput): MappingRuleInput => ({
  pattern,
  state,
  client,
  ...(site != null && { site }),
  ...(contact != null && { contact }),
});

export interface MappingRule extends MappingRuleInput {
  id: string;
  /** The client that `client` names; null if it depends on the group, does not exist yet, or is archived. */
  clientId: string | null;
  /** Whether the client is archived: then no further group follows the rule, and those that do keep their client. */
  isClientArchived?: boolean;
}

export const mappingRuleLimits = { rules: 500, pattern: 1_000 } as const;

/** The effect of a rule on a group. */
export interface RuleDecision {
  externalId: string;
  state: MappingState;
  clientId: string | null;
  /** A client that is looked up by its name, and made if none has it. */
  clientName: string | null;
  /** Null: no rule matches any more. */
  ruleId: string | null;
  /** The name that the path gave the client: while it stays the same, so does the client, whatever its present name. */
  ruleClient: string | null;
  /** The site and contact that it has already; null if it has none or they are looked up by their names. */
  siteId: string | null;
  contactId: string | null;
  /** Of the client, looked up by their names, and made if it has none of them. */
  siteName: string | null;
  contactName: string | null;
  /** The names that the rule gave to site and contact: while they and the client stay the same, so do both. */
  rulePlace: string | null;
}

export interface RuledGroup extends GroupInput {
  state: MappingState;
  clientId: string | null;
  siteId: string | null;
  contactId: string | null;
  ruleId: string | null;
  ruleClient: string | null;
  rulePlace: string | null;
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

/** The error of a rule; null if there is none. */
export function ruleProblem(
  rule: MappingRuleInput,
): { column: "pattern" | "client" | ClientPartKind; message: string } | null {
  const { pattern, state, client } = rule;
  const segments = segmentsOf(pattern);
  if (segments.some((segment) => segment.kind === "text" && segment.text === ""))
    return { column: "pattern", message: "Write names with / between them, such as Customers/{client}/**" };
  if ((state === "mapped") !== (client !== null))
    return {
      column: "client",
      message: state === "mapped" ? "Name the client." : `A rule to “${state}” has no client.`,
    };
  const named = new Set(segments.flatMap((segment) => (segment.kind === "named" ? [segment.name] : [])));
  for (const column of ["client", ...clientPartKinds] as const) {
    const text = rule[column] ?? null;
    if (column !== "client" && text !== null && state !== "mapped")
      return { column, message: `A rule to “${state}” has no ${column}.` };
    const unknown = placeholdersOf(text ?? "").find((name) => !named.has(name));
    if (unknown !== undefined)
      return { column, message: `The pattern has no {${unknown}} that stands for a whole name.` };
  }
  return null;
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

interface MatchedNames {
  client: string | null;
  site: string | null;
  contact: string | null;
}

/** The names that the rule gives, with the path's names filled in; null if the pattern does not match. */
function match({ rule, segments }: Compiled, path: readonly Name[]): MatchedNames | null {
  const taken = alignToPattern(segments, path, ({ kind }) => kind === "deep", fits);
  if (taken === null) return null;
  const names = new Map(
    segments.flatMap((segment, at): [string, string][] =>
      segment.kind === "named" ? [[segment.name, path[taken[at]!]!.name]] : [],
    ),
  );
  const filled = (text: string | null | undefined) =>
    text?.replace(placeholder, (_, name: string) => names.get(name) ?? "") ?? null;
  const client = filled(rule.client);
  const partName = (kind: ClientPartKind) =>
    capText(onOneLine(filled(rule[kind]) ?? ""), textLimits.name) || null;
  return {
    client: client === null ? null : capText(cleanClientName(client), maxClientName),
    site: partName("site"),
    contact: partName("contact"),
  };
}

/**
 * The effects of the rules on listed groups without a decision, if they differ from what is stored.
 * @param rules in their order: the first that matches decides
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
    const common = { ...undecided, externalId, state: rule.state, ruleId: rule.id };
    if (rule.state !== "mapped") return common;
    const client = clientOf(rule, group, found);
    return { ...common, ...client, ...placeOf(rule, group, found, client.clientId) };
  }
  return { ...undecided, externalId };
}

const undecided = {
  state: "inherit",
  clientId: null,
  clientName: null,
  ruleId: null,
  ruleClient: null,
  siteId: null,
  contactId: null,
  siteName: null,
  contactName: null,
  rulePlace: null,
} as const;

function clientOf(
  rule: MappingRule,
  group: RuledGroup,
  { client }: MatchedNames,
): Pick<RuleDecision, "clientId" | "clientName" | "ruleClient"> {
  if (!isByPath(rule))
    return { clientId: rule.clientId, clientName: rule.clientId === null ? client : null, ruleClient: null };
  const isAsBefore = group.clientId !== null && group.ruleId === rule.id && group.ruleClient === client;
  return {
    clientId: isAsBefore ? group.clientId : null,
    clientName: isAsBefore ? null : client,
    ruleClient: client,
  };
}

function placeOf(
  rule: MappingRule,
  group: RuledGroup,
  { site, contact }: MatchedNames,
  clientId: string | null,
): Pick<RuleDecision, "siteId" | "contactId" | "siteName" | "contactName" | "rulePlace"> {
  // No name has a line break in it.
  const rulePlace = site === null && contact === null ? null : `${site ?? ""}\n${contact ?? ""}`;
  const isAsBefore =
    rulePlace !== null &&
    group.ruleId === rule.id &&
    group.rulePlace === rulePlace &&
    clientId !== null &&
    group.clientId === clientId;
  return isAsBefore
    ? { siteId: group.siteId, contactId: group.contactId, siteName: null, contactName: null, rulePlace }
    : { siteId: null, contactId: null, siteName: site, contactName: contact, rulePlace };
}

const isNew = (decision: RuleDecision, group: RuledGroup): boolean =>
  decision.clientName !== null ||
  decision.siteId !== group.siteId ||
  decision.contactId !== group.contactId ||
  decision.rulePlace !== group.rulePlace ||
  decision.state !== group.state ||
  decision.clientId !== group.clientId ||
  decision.ruleId !== group.ruleId ||
  decision.ruleClient !== group.ruleClient;
