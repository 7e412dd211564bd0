import { ArrowDown, ArrowUp, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";

import { count } from "@domain/format";
import { ruleInput, ruleKey, type MappingRuleInput } from "@domain/mapping-rules";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { Dialog, DialogContent } from "~/ui/dialog";
import { useUnsaved } from "~/ui/leave-guard";

import type { MappingPage, ShownRule } from "./mapping.page.server";
import { PathRuleForm } from "./path-rule-form";
import { RulesReview } from "./rules-review";
import { useKeptRules } from "./use-kept-rules";
import { useWarnBeforeLeaving } from "./use-warn-before-leaving";

export interface RulesCardProps {
  page: MappingPage;
  connectionId: string;
  mayEdit: boolean;
  /** Whether there are unsaved changes of groups, which are saved separately from rules. */
  hasDrafts: boolean;
}

/** The rules by path. Changes are collected until they are previewed and saved together. */
export function RulesCard({ page, connectionId, mayEdit, hasDrafts }: RulesCardProps) {
  const [draft, setDraft] = useKeptRules(mayEdit ? connectionId : null);
  const leave = useWarnBeforeLeaving(draft !== null);
  /** The index of the rule that is edited; the number of rules for a new one; null for none. */
  const [edited, setEdited] = useState<number | null>(null);
  const [isReviewing, setReviewing] = useState(false);
  const rules: readonly MappingRuleInput[] = draft?.rules ?? page.rules;
  const change = (next: readonly MappingRuleInput[]) =>
    setDraft({
      rules: next.map(ruleInput),
      version: draft?.version ?? page.version,
    });
  useUnsaved({
    lost: () => (draft === null ? null : "Changes of the rules would be lost."),
    onLeave: () => setDraft(null),
  });
  const stored = new Map(page.rules.map((rule) => [ruleKey(rule), rule]));
  return (
    <Card>
      <CardHeader
        title="Rules by path"
        description="A group that nobody decided on follows the first rule that matches its path, also one that a later sync finds."
        actions={mayEdit && <Button onClick={() => setEdited(rules.length)}>Add rule</Button>}
      />
      {rules.length > 0 && (
        <ol aria-label="Rules by path">
          {rules.map((rule, at) => (
            <li
              key={ruleKey(rule)}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 text-sm"
            >
              <RuleText rule={rule} stored={stored.get(ruleKey(rule))} isDraft={draft !== null} />
              {mayEdit && (
                <RuleButtons
                  pattern={rule.pattern}
                  onUp={at > 0 ? () => change(swapped(rules, at - 1)) : undefined}
                  onDown={at < rules.length - 1 ? () => change(swapped(rules, at)) : undefined}
                  onEdit={() => setEdited(at)}
                  onDelete={() => change(rules.filter((_, other) => other !== at))}
                />
              )}
            </li>
          ))}
        </ol>
      )}
      {draft !== null && (
        <CardBody className="border-t border-line pt-4">
          {hasDrafts ? (
            <Callout tone="warn">Save or discard the changes of groups first.</Callout>
          ) : (
            <div className="flex flex-wrap gap-2">
              <Button onClick={() => setDraft(null)}>Discard</Button>
              <Button variant="primary" onClick={() => setReviewing(true)}>
                Review and save rules
              </Button>
            </div>
          )}
        </CardBody>
      )}
      <Dialog open={edited !== null} onOpenChange={(open) => !open && setEdited(null)}>
        <DialogContent title={edited === rules.length ? "Add a rule" : "Edit the rule"}>
          {edited !== null && (
            <PathRuleForm
              rule={rules[edited]}
              others={rules.filter((_, at) => at !== edited)}
              clients={page.clients}
              parts={page.parts}
              onCancel={() => setEdited(null)}
              onDone={(rule) => {
                change([...rules.slice(0, edited), rule, ...rules.slice(edited + 1)]);
                setEdited(null);
              }}
            />
          )}
        </DialogContent>
      </Dialog>
      <Dialog open={isReviewing && draft !== null} onOpenChange={setReviewing}>
        <DialogContent title="Save the rules?" className="max-w-xl">
          {isReviewing && draft !== null && (
            <RulesReview
              {...draft}
              connectionId={connectionId}
              onClose={() => setReviewing(false)}
              onLeave={leave}
              onGone={() => {
                setReviewing(false);
                setDraft(null);
              }}
            />
          )}
        </DialogContent>
      </Dialog>
    </Card>
  );
}

/** The list with the rule at this index and the next one swapped. */
const swapped = (rules: readonly MappingRuleInput[], at: number): MappingRuleInput[] => [
  ...rules.slice(0, at),
  rules[at + 1]!,
  rules[at]!,
  ...rules.slice(at + 2),
];

interface RuleTextProps {
  rule: MappingRuleInput;
  stored: ShownRule | undefined;
  isDraft: boolean;
}

const RuleText = ({ rule: { pattern, state, client, site, contact }, stored, isDraft }: RuleTextProps) => (
  <div className="min-w-0 flex-1 basis-48 wrap-anywhere">
    <p>
      <code className="font-medium">{pattern}</code>
      <span className="text-ink-muted">
        {" → "}
        {state === "mapped"
          ? [client, site, contact].filter((name) => name != null).join(", ")
          : state === "excluded"
            ? "Excluded"
            : "Inherit"}
      </span>
    </p>
    <p className="flex flex-wrap items-center gap-2 text-xs text-ink-faint">
      {stored === undefined ? "Not saved yet" : !isDraft && `${count(stored.groups, "group")} by it`}
      {!isDraft && stored?.isClientArchived === true && (
        <Badge tone="warn">Client archived: no further group follows it</Badge>
      )}
    </p>
  </div>
);

interface RuleButtonsProps {
  pattern: string;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onEdit: () => void;
  onDelete: () => void;
}

const RuleButtons = ({ pattern, onUp, onDown, onEdit, onDelete }: RuleButtonsProps) => (
  <div className="flex gap-1">
    <Button size="icon-sm" variant="ghost" aria-label={`Move ${pattern} up`} disabled={!onUp} onClick={onUp}>
      <ArrowUp aria-hidden />
    </Button>
    <Button
      size="icon-sm"
      variant="ghost"
      aria-label={`Move ${pattern} down`}
      disabled={!onDown}
      onClick={onDown}
    >
      <ArrowDown aria-hidden />
    </Button>
    <Button size="icon-sm" variant="ghost" aria-label={`Edit ${pattern}`} onClick={onEdit}>
      <Pencil aria-hidden />
    </Button>
    <Button size="icon-sm" variant="ghost" aria-label={`Delete ${pattern}`} onClick={onDelete}>
      <Trash2 aria-hidden />
    </Button>
  </div>
);
