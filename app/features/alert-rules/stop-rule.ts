import type { TenantDb } from "@db/client";
import { updateRule, type RuleRow } from "@db/queries/alert-rules/rules";
import { audit } from "@db/queries/audit/audit";
import type { Actor } from "@domain/actor";
import { ruleStoppedMessage } from "@domain/rule-text";
import { notify } from "~/platform/outbox/notify";

/**
 * Switches off a rule that acts on too many incidents, and reports that on the rule's page, in the audit log and by
 * e-mail.
 */
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
