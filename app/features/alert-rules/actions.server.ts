import { json } from "@remix-run/node";

import { listRules } from "@db/queries/alert-rules/rules";
import { allows } from "@domain/permissions";
import { isId, notFound, type Context } from "~/auth/guard.server";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";

import {
  changeRule,
  createRule,
  moveRule,
  removeRule,
  startsAutomation,
  switchRule,
  type RuleAltered,
} from "./change-rule.server";
import type { RuleAnswer } from "./rule-form";
import { parseRule, readRuleChoices, tooManyRules } from "./rule-form.server";
import { previewRule } from "./rules.page.server";

const RULES = "/settings/rules";

/** A 404 response for a rule that is missing or another tenant's. */
export const noSuchRule = () => notFound("This rule does not exist or was removed.");

/**
 * Answers what the rule in a form would have done. Saves nothing.
 * @param ruleId undefined for a new rule
 */
export async function answerRulePreview(
  { form, tenantId, inTenant, app }: Context,
  ruleId: string | undefined,
) {
  return inTenant(async (tx) => {
    if (ruleId !== undefined && !(await listRules(tx, tenantId)).some(({ id }) => id === ruleId))
      throw noSuchRule();
    const { values, errors, write } = await parseRule(
      tx,
      tenantId,
      form,
      await readRuleChoices(tx, tenantId),
      ruleId,
    );
    if (Object.keys(errors).length > 0) return refusedRule({ values, errors });
    const answer = { values, errors, preview: await previewRule(tx, tenantId, ruleId, write, app.clock()) };
    return json<RuleAnswer>(JSON.parse(JSON.stringify(answer)) as RuleAnswer);
  });
}

/**
 * Saves the rule in a form.
 * @param ruleId undefined for a new rule
 */
export async function answerRuleSave(context: Context, ruleId: string | undefined) {
  const { form, tenantId, inTenant, app } = context;
  const { values, errors, write, token } = await inTenant(async (tx) =>
    parseRule(tx, tenantId, form, await readRuleChoices(tx, tenantId), ruleId),
  );
  if (Object.keys(errors).length > 0) return refusedRule({ values, errors });
  const actor = actorOf(context);
  const mayManageAutomations = managesAutomations(context);
  if (startsAutomation(write) && !mayManageAutomations) throw automationsForbidden();
  if (ruleId !== undefined) {
    const ref = { tenantId, ruleId, mayManageAutomations };
    ensureChanged(await changeRule(app.sync, ref, { write, token }, actor));
    return done(RULES, `“${values.name}” is changed.`);
  }
  if ((await createRule(app.sync, tenantId, { write, token }, actor)) === null)
    return refusedRule({ values, errors: { form: tooManyRules } });
  return done(RULES, `“${values.name}” is made. It acts once you switch it on.`);
}

const refusedRule = (answer: RuleAnswer) => json<RuleAnswer>(answer, { status: 422 });

const managesAutomations = ({ user }: Context): boolean => allows(user.role, "automations:manage");

const automationsForbidden = () =>
  new Response("Your role does not allow rules that start automations.", { status: 403 });

/**
 * Checks that a rule was changed.
 * @throws Response 403 or 404 otherwise
 */
function ensureChanged(outcome: RuleAltered): void {
  if (outcome === "forbidden") throw automationsForbidden();
  if (outcome !== "changed") throw noSuchRule();
}

/** The actions of the list's buttons on a rule, with their messages. */
export const listActs = {
  enable: (context: Context) =>
    onListed(
      context,
      (ref) => switchRule(context.app.sync, ref, true, actorOf(context)),
      "It acts on what opens from now on.",
    ),
  disable: (context: Context) =>
    onListed(context, (ref) => switchRule(context.app.sync, ref, false, actorOf(context)), "Switched off."),
  up: (context: Context) =>
    onListed(context, (ref) => moveRule(context.app.sync, ref, -1, actorOf(context)), "Moved up."),
  down: (context: Context) =>
    onListed(context, (ref) => moveRule(context.app.sync, ref, 1, actorOf(context)), "Moved down."),
  delete: (context: Context) =>
    onListed(context, (ref) => removeRule(context.app.sync, ref, actorOf(context)), "Deleted."),
};

async function onListed(
  context: Context,
  work: (ref: { tenantId: string; ruleId: string; mayManageAutomations: boolean }) => Promise<RuleAltered>,
  text: string,
) {
  const { form, tenantId } = context;
  const ruleId = form.get("rule");
  if (!isId(ruleId)) throw noSuchRule();
  ensureChanged(await work({ tenantId, ruleId, mayManageAutomations: managesAutomations(context) }));
  return done(RULES, text);
}
