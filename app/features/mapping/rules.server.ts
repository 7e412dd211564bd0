import { v7 as uuidv7 } from "uuid";

import type { GroupRow } from "@db/queries/device-sync/groups";
import {
  followRules,
  isByPath,
  ruleInput,
  ruleKey,
  type MappingRule,
  type MappingRuleInput,
  type RuleDecision,
} from "@domain/mapping-rules";

import type { MappingEdit } from "./mapping-edit";

/** The names of the clients that rules name literally. Saving looks them up or creates them. */
export const clientNamesOf = (rules: readonly MappingRuleInput[]): string[] =>
  rules.flatMap((rule) => (rule.client === null || isByPath(rule) ? [] : [rule.client]));

/**
 * Rules with their ids: a rule whose pattern is already stored keeps its id.
 * @param clientIdOf returns the id of a client by its name
 */
export function withIds(
  rules: readonly MappingRuleInput[],
  stored: readonly MappingRule[],
  clientIdOf: (name: string) => string | undefined,
): MappingRule[] {
  const idOf = new Map(stored.map((rule) => [ruleKey(rule), rule.id]));
  return rules.map((rule) => ({
    ...ruleInput(rule),
    id: idOf.get(ruleKey(rule)) ?? uuidv7(),
    clientId: rule.client === null || isByPath(rule) ? null : (clientIdOf(rule.client) ?? null),
  }));
}

/** The edits, and the changes that the rules make to all groups without a decision of a person. */
export function withRules(
  groups: readonly GroupRow[],
  edits: readonly MappingEdit[],
  rules: readonly MappingRule[],
): MappingEdit[] {
  const stored = new Map(groups.map((group) => [group.externalId, group]));
  // A group that follows a rule has no decision of its own that "inherit" could remove.
  const own = edits.filter(
    ({ externalId, state }) => state !== "inherit" || (stored.get(externalId)?.ruleId ?? null) === null,
  );
  const edited = new Map(own.map((edit) => [edit.externalId, edit]));
  const after = groups.map((group) => {
    const edit = edited.get(group.externalId);
    return edit === undefined
      ? group
      : { ...group, state: edit.state, clientId: edit.clientId ?? null, ...followsNone };
  });
  const byRule = followRules(after, rules);
  const ruled = new Set(byRule.map(({ externalId }) => externalId));
  return [...own.filter(({ externalId }) => !ruled.has(externalId)), ...byRule.map(asEdit)];
}

const followsNone = {
  siteId: null,
  contactId: null,
  ruleId: null,
  ruleClient: null,
  rulePlace: null,
} as const;

const asEdit = ({ clientName, siteName, contactName, ...decision }: RuleDecision): MappingEdit => ({
  ...decision,
  ...(clientName !== null && { clientName }),
  ...(siteName !== null && { siteName }),
  ...(contactName !== null && { contactName }),
});

/** The number of groups that follow each rule, once these edits are saved. */
export function countFollowing(
  groups: readonly GroupRow[],
  edits: readonly MappingEdit[],
): ReadonlyMap<string, number> {
  const edited = new Map(edits.map((edit) => [edit.externalId, edit]));
  const counts = new Map<string, number>();
  for (const { externalId, ruleId, goneAt } of groups) {
    const edit = edited.get(externalId);
    const id = edit === undefined ? ruleId : (edit.ruleId ?? null);
    if (id !== null && goneAt === null) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
