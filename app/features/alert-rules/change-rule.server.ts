import type { TenantDb } from "@db/client";
import {
  deleteRule,
  insertRule,
  listRules,
  lockRule,
  MAX_RULES,
  orderRules,
  updateRule,
  type RuleRow,
  type RuleWrite,
} from "@db/queries/alert-rules/rules";
import { audit } from "@db/queries/audit/audit";
import { lockIncidents } from "@db/queries/incidents/formation";
import type { Actor } from "@domain/actor";
import { noActions, type RuleActions } from "@domain/alert-rules";
import type { AuditAction } from "@domain/audit-actions";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { ConnectDeps } from "~/platform/ports";

import { forgetToken, storeToken } from "./automation-token.server";

type Deps = Pick<ConnectDeps, "db" | "clock" | "nudge" | "vault">;

/** A rule to save. */
export interface RuleSave {
  write: RuleWrite;
  /** The token of the trigger that the rule's automation uses; null keeps the stored one. */
  token: string | null;
}

interface RuleRef {
  tenantId: string;
  ruleId: string;
  /** Called with the locked row; if it returns false, nothing is written. */
  isAsSeen?: (row: RuleRow) => boolean;
  /**
   * Whether the person may manage automations. Otherwise rules that start one can be neither changed, switched on nor
   * moved.
   */
  mayManageAutomations: boolean;
}

export type RuleAltered = "changed" | "unknown" | "stale" | "forbidden";

/** Whether the rule starts an automation of the RMM, which requires the permission `automations:manage`. */
export const startsAutomation = ({ actions }: { actions: RuleActions }): boolean =>
  actions.automation !== null;

/**
 * Creates a rule, switched off and after the others.
 * @returns its id; null if the tenant already has the most rules allowed
 */
export const createRule = (
  deps: Deps,
  tenantId: string,
  { write, token }: RuleSave,
  actor: Actor,
): Promise<string | null> =>
  inTransaction(deps, tenantId, async (tx) => {
    await lockIncidents(tx, tenantId);
    if ((await listRules(tx, tenantId)).length >= MAX_RULES) return null;
    const ruleId = await insertRule(tx, tenantId, write, deps.clock());
    await keepToken(tx, deps, { tenantId, ruleId }, null, write.actions, token);
    await note(tx, { tenantId, ruleId }, actor, "rule.created", write.name);
    return ruleId;
  });

/**
 * Replaces a rule's values.
 * @returns `forbidden` if the rule starts an automation, before or after the change, and the person may not manage
 * automations; `stale` if `isAsSeen` returned false
 */
export const changeRule = (
  deps: Deps,
  ref: RuleRef,
  { write, token }: RuleSave,
  actor: Actor,
): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    if (!ref.mayManageAutomations && (startsAutomation(before) || startsAutomation(write)))
      return "forbidden";
    const details: Record<string, unknown> = Object.fromEntries(
      Object.entries(write)
        .filter(([field, to]) => JSON.stringify(to) !== JSON.stringify(before[field as keyof RuleRow]))
        .map(([field, to]) => [field, { from: before[field as keyof RuleRow], to }]),
    );
    if (token !== null) details["automationTrigger"] = { from: "set before", to: "replaced" };
    if (Object.keys(details).length === 0) return;
    await keepToken(tx, deps, ref, before.actions, write.actions, token);
    await updateRule(tx, ref.tenantId, ref.ruleId, { ...write, updatedAt: deps.clock() });
    await note(tx, ref, actor, "rule.changed", write.name, details);
  });

/** Stores the token of the rule's trigger. Deletes the token of a connection that the rule no longer uses. */
async function keepToken(
  tx: TenantDb,
  { vault }: Deps,
  { tenantId, ruleId }: Pick<RuleRef, "tenantId" | "ruleId">,
  before: RuleActions | null,
  { automation }: RuleActions,
  token: string | null,
): Promise<void> {
  const former = before?.automation?.connectionId;
  if (former !== undefined && former !== automation?.connectionId)
    await forgetToken(tx, { tenantId, ruleId, connectionId: former });
  if (automation !== null && token !== null)
    await storeToken(tx, vault, { tenantId, ruleId, connectionId: automation.connectionId }, token);
}

/** Switches a rule off, or on for incidents that open from now on. */
export const switchRule = (
  deps: Deps,
  ref: RuleRef,
  isEnabled: boolean,
  actor: Actor,
): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    if (before.isEnabled === isEnabled) return;
    if (isEnabled && startsAutomation(before) && !ref.mayManageAutomations) return "forbidden";
    const on = { isEnabled: true, enabledAt: deps.clock(), stoppedAt: null };
    await updateRule(tx, ref.tenantId, ref.ruleId, isEnabled ? on : { isEnabled: false });
    await note(tx, ref, actor, isEnabled ? "rule.enabled" : "rule.disabled", before.name);
  });

/**
 * Moves a rule one place up or down. What a rule starts depends on the rules before it, so the permission is checked
 * for both swapped rules.
 */
export const moveRule = (deps: Deps, ref: RuleRef, by: -1 | 1, actor: Actor): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    const rules = await listRules(tx, ref.tenantId);
    const at = rules.findIndex(({ id }) => id === ref.ruleId);
    const past = rules[at + by];
    if (past === undefined) return;
    if (!ref.mayManageAutomations && (startsAutomation(before) || startsAutomation(past))) return "forbidden";
    const ids = rules.map(({ id }) => id);
    ids.splice(at, 1);
    ids.splice(at + by, 0, ref.ruleId);
    await orderRules(tx, ref.tenantId, ids);
    const details = { to: by < 0 ? "up" : "down", past: past.name, pastId: past.id };
    await note(tx, ref, actor, "rule.moved", before.name, details);
  });

/** Removes a rule. The actions that it has carried out are not undone. */
export const removeRule = (deps: Deps, ref: RuleRef, actor: Actor): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    await keepToken(tx, deps, ref, before.actions, noActions, null);
    await deleteRule(tx, ref.tenantId, ref.ruleId);
    await note(tx, ref, actor, "rule.deleted", before.name);
  });

/** Changes a rule in a transaction that locks the incidents, so that no pass evaluates the rules meanwhile. */
const alter = (
  deps: Deps,
  { tenantId, ruleId, isAsSeen }: RuleRef,
  work: (tx: TenantDb, before: RuleRow) => Promise<"forbidden" | undefined | void>,
): Promise<RuleAltered> =>
  inTransaction(deps, tenantId, async (tx) => {
    await lockIncidents(tx, tenantId);
    const before = await lockRule(tx, tenantId, ruleId);
    if (before === undefined) return "unknown";
    if (isAsSeen?.(before) === false) return "stale";
    return (await work(tx, before)) ?? "changed";
  });

const note = (
  tx: TenantDb,
  { tenantId, ruleId }: Pick<RuleRef, "tenantId" | "ruleId">,
  actor: Actor,
  action: AuditAction,
  name: string,
  details: Record<string, unknown> = {},
): Promise<void> =>
  audit(tx, tenantId, actor, { action, targetType: "rule", targetId: ruleId, details: { name, ...details } });
