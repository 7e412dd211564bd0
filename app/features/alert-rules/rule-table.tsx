import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { ArrowDown, ArrowUp, ListChecks } from "lucide-react";

import { count } from "@domain/format";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { ConfirmButton } from "~/ui/confirm-button";
import { EmptyState } from "~/ui/empty-state";
import { RowButton } from "~/ui/row-button";
import { RelativeTime } from "~/ui/time";

import type { Rules } from "./rules.page.server";

type Rule = SerializeFrom<Rules>[number];

const HERE = "/settings/rules?index";

export interface RuleListProps {
  rules: Rule[];
  mayManage: boolean;
  /**
   * If false, rules that start an automation can be neither changed, switched on nor moved, and no rule can be moved
   * past them.
   */
  mayManageAutomations: boolean;
}

/** The rules in the order of evaluation, with the actions on each. */
export const RuleList = ({ rules, mayManage, mayManageAutomations }: RuleListProps) =>
  rules.length === 0 ? (
    <EmptyState
      icon={ListChecks}
      title="No rules yet"
      action={mayManage && <ButtonLink to="/settings/rules/new">New rule</ButtonLink>}
    >
      A rule sets the owner or the severity of incidents as they open, tells people, opens a ticket or leaves
      them alone.
    </EmptyState>
  ) : (
    <ol>
      {rules.map((rule, index) => (
        <li
          key={rule.id}
          className="flex items-start gap-3 border-t border-line px-4 py-3 text-sm first:border-0"
        >
          <span className="w-6 pt-0.5 text-right text-xs text-ink-faint tabular-nums">{index + 1}</span>
          <div className="min-w-0 flex-1 wrap-anywhere">
            <p className="flex flex-wrap items-center gap-2">
              {mayManage ? (
                <Link to={`/settings/rules/${rule.id}`} className="font-medium hover:underline">
                  {rule.name}
                </Link>
              ) : (
                <span className="font-medium">{rule.name}</span>
              )}
              <StateBadge rule={rule} />
              {rule.stops && <Badge>Stops here</Badge>}
            </p>
            <p className="text-ink-muted">{rule.about}</p>
            <p className="text-ink-muted">→ {rule.does}</p>
            <p className="text-xs text-ink-faint">
              {count(rule.hits, "hit")}
              {rule.lastHitAt !== null && (
                <>
                  , last <RelativeTime at={rule.lastHitAt} />
                </>
              )}
            </p>
            {mayManage && (
              <RuleButtons
                rule={rule}
                before={rules[index - 1]}
                behind={rules[index + 1]}
                mayChange={(some) => mayManageAutomations || !some.startsAutomation}
              />
            )}
          </div>
        </li>
      ))}
    </ol>
  );

function StateBadge({ rule }: { rule: Rule }) {
  if (rule.isEnabled) return <Badge tone="good">On</Badge>;
  return rule.hasStopped ? <Badge tone="bad">Stopped: too many hits</Badge> : <Badge>Off</Badge>;
}

interface RuleButtonsProps {
  rule: Rule;
  before: Rule | undefined;
  behind: Rule | undefined;
  mayChange(rule: Rule): boolean;
}

const RuleButtons = ({ rule, before, behind, mayChange }: RuleButtonsProps) => (
  <div className="mt-2 flex flex-wrap gap-2">
    {(rule.isEnabled || mayChange(rule)) && (
      <RowButton fields={{ rule: rule.id }} action={HERE} intent={rule.isEnabled ? "disable" : "enable"}>
        {rule.isEnabled ? "Switch off" : "Switch on"}
      </RowButton>
    )}
    {before !== undefined && mayChange(rule) && mayChange(before) && (
      <RowButton fields={{ rule: rule.id }} action={HERE} intent="up" label={`Move ${rule.name} up`}>
        <ArrowUp aria-hidden />
      </RowButton>
    )}
    {behind !== undefined && mayChange(rule) && mayChange(behind) && (
      <RowButton fields={{ rule: rule.id }} action={HERE} intent="down" label={`Move ${rule.name} down`}>
        <ArrowDown aria-hidden />
      </RowButton>
    )}
    <ButtonLink
      to={`/settings/rules/${rule.id}`}
      variant="secondary"
      size="sm"
      aria-label={`Edit ${rule.name}`}
    >
      Edit
    </ButtonLink>
    <ConfirmButton
      intent="delete"
      action={HERE}
      fields={{ rule: rule.id }}
      label="Delete"
      title={`Delete “${rule.name}”?`}
      confirm="Delete"
    >
      What it has already done is not undone.
    </ConfirmButton>
  </div>
);
