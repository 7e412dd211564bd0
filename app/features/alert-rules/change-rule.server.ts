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
import type { AuditAction } from "@domain/audit-actions";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

type Deps = Pick<SyncDeps, "db" | "clock" | "nudge">;

interface RuleRef {
  tenantId: string;
  ruleId: string;
  /** Asked about the locked row: if not, nothing is written. */
  isAsSeen?: (row: RuleRow) => boolean;
}

export type RuleAltered = "changed" | "unknown" | "stale";

/** Makes a rule, off and behind the others. @returns its id; null if the tenant has as many as it may */
export const createRule = (
  deps: Deps,
  tenantId: string,
  write: RuleWrite,
  actor: Actor,
): Promise<string | null> =>
  inTransaction(deps, tenantId, async (tx) => {
    await lockIncidents(tx, tenantId);
    if ((await listRules(tx, tenantId)).length >= MAX_RULES) return null;
    const ruleId = await insertRule(tx, tenantId, write, deps.clock());
    await note(tx, { tenantId, ruleId }, actor, "rule.created", write.name);
    return ruleId;
  });

export const changeRule = (deps: Deps, ref: RuleRef, write: RuleWrite, actor: Actor): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    const details = Object.fromEntries(
      Object.entries(write)
        .filter(([field, to]) => JSON.stringify(to) !== JSON.stringify(before[field as keyof RuleRow]))
        .map(([field, to]) => [field, { from: before[field as keyof RuleRow], to }]),
    );
    if (Object.keys(details).length === 0) return;
    await updateRule(tx, ref.tenantId, ref.ruleId, { ...write, updatedAt: deps.clock() });
    await note(tx, ref, actor, "rule.changed", write.name, details);
  });

/** Switches a rule on, for what opens from now on, or off. */
export const switchRule = (
  deps: Deps,
  ref: RuleRef,
  isEnabled: boolean,
  actor: Actor,
): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    if (before.isEnabled === isEnabled) return;
    const on = { isEnabled: true, enabledAt: deps.clock(), stoppedAt: null };
    await updateRule(tx, ref.tenantId, ref.ruleId, isEnabled ? on : { isEnabled: false });
    await note(tx, ref, actor, isEnabled ? "rule.enabled" : "rule.disabled", before.name);
  });

/** Moves a rule one place up or down. */
export const moveRule = (deps: Deps, ref: RuleRef, by: -1 | 1, actor: Actor): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    const ids = (await listRules(tx, ref.tenantId)).map(({ id }) => id);
    const at = ids.indexOf(ref.ruleId);
    if (at + by < 0 || at + by >= ids.length) return;
    ids.splice(at, 1);
    ids.splice(at + by, 0, ref.ruleId);
    await orderRules(tx, ref.tenantId, ids);
    await note(tx, ref, actor, "rule.moved", before.name);
  });

/** What it has done stays done. */
export const removeRule = (deps: Deps, ref: RuleRef, actor: Actor): Promise<RuleAltered> =>
  alter(deps, ref, async (tx, before) => {
    await deleteRule(tx, ref.tenantId, ref.ruleId);
    await note(tx, ref, actor, "rule.deleted", before.name);
  });

/** No pass asks the rules meanwhile. */
const alter = (
  deps: Deps,
  { tenantId, ruleId, isAsSeen }: RuleRef,
  work: (tx: TenantDb, before: RuleRow) => Promise<void>,
): Promise<RuleAltered> =>
  inTransaction(deps, tenantId, async (tx) => {
    await lockIncidents(tx, tenantId);
    const before = await lockRule(tx, tenantId, ruleId);
    if (before === undefined) return "unknown";
    if (isAsSeen?.(before) === false) return "stale";
    await work(tx, before);
    return "changed";
  });

const note = (
  tx: TenantDb,
  { tenantId, ruleId }: RuleRef,
  actor: Actor,
  action: AuditAction,
  name: string,
  details: Record<string, unknown> = {},
): Promise<void> =>
  audit(tx, tenantId, actor, { action, targetType: "rule", targetId: ruleId, details: { name, ...details } });
