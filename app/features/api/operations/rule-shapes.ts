import * as z from "zod";

import type { RuleRow } from "@db/queries/alert-rules/rules";
import { alertSeverities } from "@domain/alert-words";
import type { RuleSave } from "~/features/alert-rules/change-rule.server";
import { ignoreHours } from "~/features/alert-rules/labels";
import { parseRule, readRuleChoices } from "~/features/alert-rules/rule-form.server";

import {
  appendConditions,
  conditionsBody,
  conditionsShown,
  refuseErrors,
  weekdayList,
} from "../base/conditions";
import type { ApiContext } from "../base/operation";
import { instantText, toInstantOrNull } from "../base/shapes";

const hours = z.object({ days: weekdayList, from: z.string(), to: z.string() }).nullable().meta({
  description: "Hours of the week in which it acts, in the company's time zone; no days: each. Null: always.",
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

const automationFields = {
  connectionId: z
    .uuid()
    .meta({ description: "Whose trigger it is; incidents of other connections start nothing." }),
  sendsKey: z
    .boolean()
    .meta({ description: "The trigger asks for authorization: the connection's key goes along." }),
};

/** A rule as the API returns it. */
export const rule = z
  .object({
    id: z.uuid(),
    position: z.int().meta({ description: "From 1; rules are asked in this order." }),
    name: z.string(),
    isEnabled: z.boolean(),
    hasStopped: z.boolean().meta({ description: "It stopped itself because it matched too many." }),
    hits: z.int().meta({ description: "Incidents that it acted on." }),
    lastHitAt: instantText.nullable(),
    stops: z.boolean().meta({ description: "No rule behind it is asked." }),
    hours,
    conditions: conditionsShown,
    actions: z.object({
      ...actionFields,
      automation: z.object(automationFields).nullable().meta({
        description:
          "The automation of the RMM that it starts, once for an incident. The trigger's address is never shown.",
      }),
    }),
  })
  .meta({ id: "Rule" });

/** A rule as the API takes it. */
export const ruleBody = z.strictObject({
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
      automation: z
        .strictObject({
          connectionId: automationFields.connectionId,
          sendsKey: automationFields.sendsKey.default(false),
          trigger: z.string().max(1000).optional().meta({
            description: "The address of its webhook trigger; absent: the one that is stored stays.",
          }),
        })
        .nullable()
        .default(null)
        .meta({
          description:
            "Needs the permission to manage automations, and is off until the connection allows it.",
        }),
    })
    .meta({ description: "What it does; at least one thing." }),
});

export const toRule = (row: RuleRow, position: number): z.infer<typeof rule> => ({
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

/**
 * Parses a body by the parser of the page's form.
 * @throws ApiProblem with the invalid fields
 */
export async function saveOf(
  context: ApiContext,
  given: z.infer<typeof ruleBody>,
  ruleId?: string,
): Promise<RuleSave> {
  const { inTenant, tenantId } = context;
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
  const { automation } = given.actions;
  form.set("automation", automation?.connectionId ?? "");
  form.set("trigger", automation?.trigger ?? "");
  if (automation?.sendsKey) form.set("sendsKey", "on");
  const { errors, write, token } = await inTenant(async (tx) =>
    parseRule(tx, tenantId, form, await readRuleChoices(tx, tenantId), ruleId),
  );
  refuseErrors(errors, { device: "conditions.assetIds", trigger: "actions.automation.trigger" });
  return { write, token };
}
