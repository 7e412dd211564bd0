import { clientPartKinds } from "./client-parts";
import { ruleInput, ruleKey, type MappingRuleInput } from "./mapping-rules";
import { foldText } from "./text";

/** How a rule of a file differs from what is stored. */
export const ruleChanges = ["none", "added", "changed", "moved", "removed"] as const;

export interface RuleComparison extends MappingRuleInput {
  change: (typeof ruleChanges)[number];
}

/** Each wanted rule in its order, then the rules that would be removed. */
export function compareRules(
  stored: readonly MappingRuleInput[],
  wanted: readonly MappingRuleInput[],
): RuleComparison[] {
  const byKey = new Map(stored.map((rule) => [ruleKey(rule), rule]));
  const wantedKeys = new Set(wanted.map(ruleKey));
  const orderBefore = stored.map(ruleKey).filter((key) => wantedKeys.has(key));
  const orderAfter = wanted.map(ruleKey).filter((key) => byKey.has(key));
  const isSame = (a: MappingRuleInput, b: MappingRuleInput) =>
    a.state === b.state &&
    (["client", ...clientPartKinds] as const).every(
      (column) => foldText(a[column] ?? "") === foldText(b[column] ?? ""),
    );
  const changeOf = (rule: MappingRuleInput): RuleComparison["change"] => {
    const key = ruleKey(rule);
    const before = byKey.get(key);
    if (before === undefined) return "added";
    if (!isSame(before, rule)) return "changed";
    return orderBefore.indexOf(key) === orderAfter.indexOf(key) ? "none" : "moved";
  };
  return [
    ...wanted.map((rule) => ({ ...ruleInput(rule), change: changeOf(rule) })),
    ...stored
      .filter((rule) => !wantedKeys.has(ruleKey(rule)))
      .map((rule) => ({ ...ruleInput(rule), change: "removed" as const })),
  ];
}
