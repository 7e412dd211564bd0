import type { TenantDb } from "@db/client";
import { updateRule, type RuleRow } from "@db/queries/alert-rules/rules";
import { audit } from "@db/queries/audit/audit";
import type { Actor } from "@domain/actor";
import { ruleStoppedMessage } from "@domain/rule-text";
import { notify } from "~/platform/outbox/notify";

/** Switches a rule off that acts on too many incidents, and says so: on its page, in the log and by e-mail. */
export async function stopRule(
  tx: TenantDb,
  tenantId: string,
  { id, name }: RuleRow,
  actor: Actor,
  now: Date,
): Promise<void> {
  await updateRule(tx, tenantId, id, { isEnabled: false, stoppedAt: now });
  await audit(tx, tenantId, actor, {
    action: "rule.stopped",
    targetType: "rule",
    targetId: id,
    details: { name },
  });
  const notice = { kind: "rule_stopped" as const, connectionId: null, path: "/settings/rules" };
  await notify(tx, tenantId, [{ ...notice, ...ruleStoppedMessage(name) }], now);
}
