import * as z from "zod";

import { listRules, type RuleRow } from "@db/queries/alert-rules/rules";
import { alertSeverities } from "@domain/alert-words";
import { shownVersion } from "@domain/shown-version";
import {
  changeRule,
  createRule,
  moveRule,
  removeRule,
  switchRule,
  type RuleAltered,
} from "~/features/alert-rules/change-rule.server";
import { ignoreHours } from "~/features/alert-rules/labels";
import { parseRule, readRuleChoices, tooManyRules } from "~/features/alert-rules/rule-form.server";
import { previewRule } from "~/features/alert-rules/rules.page.server";

import {
  appendConditions,
  conditionsBody,
  conditionsShown,
  refuseErrors,
  weekdayList,
} from "../base/conditions";
import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { toTrial, trial } from "../base/preview";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { instantText, toInstantOrNull } from "../base/shapes";

const hours = z.object({ days: weekdayList, from: z.string(), to: z.string() }).nullable().meta({
  description: "Hours of the week in which it acts, on the company's clock; no days: each. Null: always.",
});

const actionFields = {
  severity: z.enum(alertSeverities).nullable(),
  ownerId: z.uuid().nullable().meta({ description: "Who gets the incident; an owner that it has stays." }),
  ignoreHours: z
    .int()
    .nullable()
    .meta({
      description: `For so many hours nobody is told: ${ignoreHours.map(([value]) => value).join(", ")}.`,
    }),
  mails: z.boolean().meta({ description: "An e-mail to the recipients of notifications." }),
  channelIds: z.array(z.uuid()).max(200).meta({ description: "Event subscriptions that are told." }),
  ticketSystemId: z.uuid().nullable().meta({ description: "Where a ticket is opened." }),
  resolvesInRmm: z.boolean(),
};

const rule = z
  .object({
    id: z.uuid(),
    position: z.int().meta({ description: "From 1; rules are asked in this order." }),
    name: z.string(),
    isEnabled: z.boolean(),
    hasStopped: z.boolean().meta({ description: "It stopped itself because it met too many." }),
    hits: z.int().meta({ description: "Incidents that it acted on." }),
    lastHitAt: instantText.nullable(),
    stops: z.boolean().meta({ description: "No rule behind it is asked." }),
    hours,
    conditions: conditionsShown,
    actions: z.object(actionFields),
  })
  .meta({ id: "Rule" });

const body = z.strictObject({
  name: z.string().max(1000),
  stops: z.boolean().default(false),
  hours: hours.default(null),
  conditions: conditionsBody.prefault({}),
  actions: z
    .strictObject({
      severity: actionFields.severity.default(null),
      ownerId: actionFields.ownerId.default(null),
      ignoreHours: actionFields.ignoreHours.default(null),
      mails: actionFields.mails.default(false),
      channelIds: actionFields.channelIds.default([]),
      ticketSystemId: actionFields.ticketSystemId.default(null),
      resolvesInRmm: actionFields.resolvesInRmm.default(false),
    })
    .meta({ description: "What it does; at least one thing." }),
});

const ruleParams = z.object({ ruleId: z.uuid() });
const example = {
  name: "Disks of servers",
  conditions: { name: "disk *", assetTypes: ["server" as const] },
  actions: { severity: "critical" as const, mails: true },
};

const toRule = (row: RuleRow, position: number): z.infer<typeof rule> => ({
  id: row.id,
  position,
  name: row.name,
  isEnabled: row.isEnabled,
  hasStopped: row.stoppedAt !== null && !row.isEnabled,
  hits: row.hits,
  lastHitAt: toInstantOrNull(row.lastHitAt),
  stops: row.stops,
  hours: row.hours,
  conditions: row.conditions,
  actions: row.actions,
});

/** Of what a person sets. */
const versionOf = ({ name, stops, isEnabled, hours: when, conditions, actions }: RuleRow): string =>
  shownVersion({ rule: JSON.stringify([name, stops, isEnabled, when, conditions, actions]) });

const readRules = async ({ inTenant, tenantId }: ApiContext) =>
  (await inTenant((tx) => listRules(tx, tenantId))).map((row, at) => ({ row, shown: toRule(row, at + 1) }));

async function readRule(context: ApiContext, id: string) {
  const found = (await readRules(context)).find(({ row }) => row.id === id);
  if (found === undefined) throw noSuch("rule");
  return { body: found.shown, version: versionOf(found.row) };
}

/** A body as the form of the page, through its parser. @throws ApiProblem with the fields at fault */
async function writeOf({ inTenant, tenantId }: ApiContext, given: z.infer<typeof body>) {
  const form = new FormData();
  const { severity, ownerId, ignoreHours: ignored, mails, channelIds, ticketSystemId } = given.actions;
  form.set("name", given.name);
  if (given.stops) form.set("stops", "on");
  if (given.hours !== null) {
    form.set("hours", "on");
    form.set("from", given.hours.from);
    form.set("to", given.hours.to);
    for (const day of given.hours.days) form.append("day", day);
  }
  appendConditions(form, given.conditions);
  form.set("setSeverity", severity ?? "");
  form.set("owner", ownerId ?? "");
  form.set("ignore", ignored === null ? "" : String(ignored));
  form.set("ticketSystem", ticketSystemId ?? "");
  for (const id of channelIds) form.append("channel", id);
  if (mails) form.set("mails", "on");
  if (given.actions.resolvesInRmm) form.set("resolves", "on");
  const { errors, write } = await inTenant(async (tx) =>
    parseRule(tx, tenantId, form, await readRuleChoices(tx, tenantId)),
  );
  refuseErrors(errors, { device: "conditions.assetIds" });
  return write;
}

/** A rule, as it is only if it is as the caller saw it. */
const refOf = ({ tenantId, ifMatch }: ApiContext, ruleId: string) => ({
  tenantId,
  ruleId,
  isAsSeen: (row: RuleRow) => ifMatch === undefined || versionOf(row) === ifMatch,
});

function settled(outcome: RuleAltered): void {
  if (outcome === "unknown") throw noSuch("rule");
  if (outcome === "stale") throw stale("rule");
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
      settled(await switchRule(app.sync, refOf(context, ruleId), word === "enable", actor));
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
    body,
    example,
    success: { status: 201, description: "The new rule", schema: rule },
    run: async (context, input) => {
      const { app, tenantId, actor } = context;
      const id = await createRule(app.sync, tenantId, await writeOf(context, input.body), actor);
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
    body,
    example,
    success: {
      status: 200,
      description: "What it would have met",
      schema: trial
        .extend({
          keptByEarlier: z.int().meta({ description: "Not asked about, because a rule before it stops." }),
          mostAnHour: z.int(),
        })
        .meta({ id: "RuleTrial" }),
    },
    run: async (context, input) => {
      const { app, inTenant, tenantId } = context;
      const write = await writeOf(context, input.body);
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
    body,
    example,
    success: shown,
    run: async (context, { params: { ruleId }, body: given }) => {
      const write = await writeOf(context, given);
      settled(await changeRule(context.app.sync, refOf(context, ruleId), write, context.actor));
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
    params: ruleParams,
    body: z.strictObject({ to: z.enum(["up", "down"]) }),
    example: { to: "up" },
    success: shown,
    run: async (context, { params: { ruleId }, body: { to } }) => {
      const ref = { tenantId: context.tenantId, ruleId };
      settled(await moveRule(context.app.sync, ref, to === "up" ? -1 : 1, context.actor));
      return readRule(context, ruleId);
    },
  }),
  operation({
    ...managing,
    id: "deleteRule",
    method: "DELETE",
    path: "/rules/{ruleId}",
    summary: "Delete a rule",
    description: "What it has done stays done.",
    isVersioned: true,
    params: ruleParams,
    success: { status: 200, description: "The rule that was", schema: z.object({ id: z.uuid() }) },
    run: async (context, { params: { ruleId } }) => {
      settled(await removeRule(context.app.sync, refOf(context, ruleId), context.actor));
      return { body: { id: ruleId } };
    },
  }),
];
