import * as z from "zod";

import { listRules, type RuleRow } from "@db/queries/alert-rules/rules";
import { allows } from "@domain/permissions";
import { shownVersion } from "@domain/shown-version";
import {
  changeRule,
  createRule,
  moveRule,
  removeRule,
  startsAutomation,
  switchRule,
  type RuleAltered,
} from "~/features/alert-rules/change-rule.server";
import { tooManyRules } from "~/features/alert-rules/rule-form.server";
import { previewRule } from "~/features/alert-rules/rules.page.server";

import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { toTrial, trial } from "../base/preview";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { rule, ruleBody, saveOf, toRule } from "./rule-shapes";

const ruleParams = z.object({ ruleId: z.uuid() });
const example = {
  name: "Disks of servers",
  conditions: { name: "disk *", assetTypes: ["server" as const] },
  actions: { severity: "critical" as const, mails: true },
};

/** The version of what people set. */
const versionOf = ({ name, stops, isEnabled, hours: when, conditions, actions }: RuleRow): string =>
  shownVersion({ rule: JSON.stringify([name, stops, isEnabled, when, conditions, actions]) });

const readRules = async ({ inTenant, tenantId }: ApiContext) =>
  (await inTenant((tx) => listRules(tx, tenantId))).map((row, at) => ({ row, shown: toRule(row, at + 1) }));

async function readRule(context: ApiContext, id: string) {
  const found = (await readRules(context)).find(({ row }) => row.id === id);
  if (found === undefined) throw noSuch("rule");
  return { body: found.shown, version: versionOf(found.row) };
}

const managesAutomations = ({ user }: ApiContext): boolean => allows(user.role, "automations:manage");

const automationsForbidden = () =>
  new ApiProblem("forbidden", "The token's owner may not have rules that start automations.");

/** A rule, with the check that its version is the one that the caller saw. */
const refOf = (context: ApiContext, ruleId: string) => ({
  tenantId: context.tenantId,
  ruleId,
  mayManageAutomations: managesAutomations(context),
  isAsSeen: (row: RuleRow) => context.ifMatch === undefined || versionOf(row) === context.ifMatch,
});

function ensureChanged(outcome: RuleAltered): void {
  if (outcome === "unknown") throw noSuch("rule");
  if (outcome === "stale") throw stale("rule");
  if (outcome === "forbidden") throw automationsForbidden();
}

const managing = { tag: "Rules", permission: "integrations:manage", scope: "admin" } as const;
const reading = { tag: "Rules", permission: "alerts:read", scope: "read" } as const;
const shown = { status: 200, description: "The rule as it is now", schema: rule } as const;

const switching = (id: string, word: "enable" | "disable", summary: string) =>
  operation({
    ...managing,
    id,
    method: "POST",
    path: `/rules/{ruleId}/${word}`,
    summary,
    isVersioned: true,
    params: ruleParams,
    success: shown,
    run: async (context, { params: { ruleId } }) => {
      const { app, actor } = context;
      ensureChanged(await switchRule(app.sync, refOf(context, ruleId), word === "enable", actor));
      return readRule(context, ruleId);
    },
  });

export const ruleOperations = [
  operation({
    ...reading,
    id: "listRules",
    method: "GET",
    path: "/rules",
    summary: "Rules about incidents, in the order in which they are asked",
    success: { status: 200, description: "All of them", schema: pageOf(rule) },
    run: async (context) => ({
      body: { data: (await readRules(context)).map((one) => one.shown), next: null },
    }),
  }),
  operation({
    ...reading,
    id: "getRule",
    method: "GET",
    path: "/rules/{ruleId}",
    summary: "One rule",
    params: ruleParams,
    success: { status: 200, description: "The rule", schema: rule },
    run: (context, { params: { ruleId } }) => readRule(context, ruleId),
  }),
  operation({
    ...managing,
    id: "createRule",
    method: "POST",
    path: "/rules",
    summary: "Make a rule",
    description: "It stands behind the others and is off until it is switched on.",
    body: ruleBody,
    example,
    success: { status: 201, description: "The new rule", schema: rule },
    run: async (context, input) => {
      const { app, tenantId, actor } = context;
      const save = await saveOf(context, input.body);
      if (startsAutomation(save.write) && !managesAutomations(context)) throw automationsForbidden();
      const id = await createRule(app.sync, tenantId, save, actor);
      if (id === null) throw new ApiProblem("conflict", tooManyRules);
      return readRule(context, id);
    },
  }),
  operation({
    ...reading,
    id: "previewRule",
    method: "POST",
    path: "/rules/preview",
    summary: "On which incidents of the last 30 days a rule would have acted",
    description: "Writes nothing. As the preview of its page: the rules that are on come before it.",
    writesNothing: true,
    body: ruleBody,
    example,
    success: {
      status: 200,
      description: "What it would have matched",
      schema: trial
        .extend({
          keptByEarlier: z.int().meta({ description: "Not asked about, because a rule before it stops." }),
          mostAnHour: z.int(),
        })
        .meta({ id: "RuleTrial" }),
    },
    run: async (context, input) => {
      const { app, inTenant, tenantId } = context;
      const { write } = await saveOf(context, input.body);
      const found = await inTenant((tx) => previewRule(tx, tenantId, undefined, write, app.clock()));
      const { keptByEarlier, mostAnHour } = found;
      return { body: { ...toTrial(found), keptByEarlier, mostAnHour } };
    },
  }),
  operation({
    ...managing,
    id: "putRule",
    method: "PUT",
    path: "/rules/{ruleId}",
    summary: "Make a rule what the body says",
    isVersioned: true,
    params: ruleParams,
    body: ruleBody,
    example,
    success: shown,
    run: async (context, { params: { ruleId }, body: given }) => {
      const save = await saveOf(context, given, ruleId);
      ensureChanged(await changeRule(context.app.sync, refOf(context, ruleId), save, context.actor));
      return readRule(context, ruleId);
    },
  }),
  switching("enableRule", "enable", "Switch a rule on, for what opens from now on"),
  switching("disableRule", "disable", "Switch a rule off"),
  operation({
    ...managing,
    id: "moveRule",
    method: "POST",
    path: "/rules/{ruleId}/move",
    summary: "Move a rule one place up or down",
    description:
      "A rule that starts an automation is moved, or moved past, only by who may manage automations of the RMM.",
    params: ruleParams,
    body: z.strictObject({ to: z.enum(["up", "down"]) }),
    example: { to: "up" },
    success: shown,
    run: async (context, { params: { ruleId }, body: { to } }) => {
      const mayManageAutomations = managesAutomations(context);
      const ref = { tenantId: context.tenantId, ruleId, mayManageAutomations };
      ensureChanged(await moveRule(context.app.sync, ref, to === "up" ? -1 : 1, context.actor));
      return readRule(context, ruleId);
    },
  }),
  operation({
    ...managing,
    id: "deleteRule",
    method: "DELETE",
    path: "/rules/{ruleId}",
    summary: "Delete a rule",
    description: "What it has already done is not undone.",
    isVersioned: true,
    params: ruleParams,
    success: { status: 200, description: "The rule that was", schema: z.object({ id: z.uuid() }) },
    run: async (context, { params: { ruleId } }) => {
      ensureChanged(await removeRule(context.app.sync, refOf(context, ruleId), context.actor));
      return { body: { id: ruleId } };
    },
  }),
];
