import * as z from "zod";

import type { TenantDb } from "@db/client";
import { MAX_RULES, type RuleRow, type RuleWrite } from "@db/queries/alert-rules/rules";
import { listIntegrations } from "@db/queries/connections/connections";
import { listSubscriptions } from "@db/queries/event-subscriptions/outgoing";
import { listPeople } from "@db/queries/people/users";
import { listTicketSystems } from "@db/queries/tickets/systems";
import { anyAlert } from "@domain/alert-conditions";
import { doesNothing, noActions, type RuleActions, type RuleHours } from "@domain/alert-rules";
import { alertSeverities } from "@domain/alert-words";
import { weekdays } from "@domain/repeat";
import { automationToken } from "@domain/rule-automations";
import { onOneLine } from "@domain/text";
import {
  parseConditions,
  readConditionChoices,
  shownConditions,
  type ShownConditions,
} from "~/features/alert-conditions/conditions.server";

import { hasToken } from "./automation-token.server";
import { ignoreHours } from "./labels";

/** A rule as its form shows it. */
export interface RuleValues {
  name: string;
  conditions: ShownConditions;
  hours: RuleHours | null;
  actions: RuleActions;
  /** Whether the address of its automation's trigger is stored. The address itself is never shown. */
  hasTrigger: boolean;
  stops: boolean;
}

export interface ParsedRule {
  values: RuleValues;
  errors: Partial<Record<string, string>>;
  write: RuleWrite;
  /** The token of the trigger whose address was entered. */
  token: string | null;
}

export const tooManyRules = `There are ${MAX_RULES} rules already. Delete those that are not in use.`;

/** The values that a rule can be made of; a constant number of statements. */
export async function readRuleChoices(tx: TenantDb, tenantId: string) {
  return {
    conditions: await readConditionChoices(tx, tenantId),
    people: (await listPeople(tx, tenantId)).map(({ id, name }) => ({ id, name })),
    channels: (await listSubscriptions(tx, tenantId)).map(({ id, url, format }) => ({
      id,
      name: format === "json" ? url : `${format === "slack" ? "Slack" : "Teams"}: ${url}`,
    })),
    systems: (await listTicketSystems(tx, tenantId)).map(({ id, label }) => ({ id, name: label })),
    connections: (await listIntegrations(tx, tenantId))
      .filter(({ status }) => status !== "disconnected")
      .map(({ id, label, rulesStartAutomations }) => ({
        id,
        name: label,
        startsAutomations: rulesStartAutomations,
      })),
  };
}

export type RuleChoices = Awaited<ReturnType<typeof readRuleChoices>>;

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const hoursSchema = z.object({ days: z.array(z.enum(weekdays)), from: time, to: time });

/**
 * Parses a rule from a form. The people and records that it names must be the tenant's.
 * @param ruleId the rule that is changed: its form may leave out the address of the trigger, which then stays
 */
export async function parseRule(
  tx: TenantDb,
  tenantId: string,
  form: FormData,
  choices: RuleChoices,
  ruleId: string | undefined,
): Promise<ParsedRule> {
  const text = (name: string) => String(form.get(name) ?? "");
  const { conditions, shown, errors } = await parseConditions(tx, tenantId, form);
  const problems: ParsedRule["errors"] = { ...errors };
  const name = onOneLine(text("name"));
  if (name === "" || name.length > 100) problems["name"] = "Enter a name of at most 100 characters.";
  const hours = form.has("hours")
    ? hoursSchema.safeParse({ days: form.getAll("day"), from: text("from"), to: text("to") })
    : null;
  if (hours?.success === false) problems["hours"] = "Enter from when to when.";
  const actions = actionsOf(form, choices);
  if (actions === null) problems["actions"] = "Something that it refers to no longer exists.";
  else if (doesNothing(actions)) problems["actions"] = "Choose what it does.";
  const { automation } = actions ?? noActions;
  const address = automation === null ? "" : text("trigger").trim();
  const token = address === "" ? null : automationToken(address);
  const hasTrigger =
    automation !== null &&
    ruleId !== undefined &&
    (await hasToken(tx, { tenantId, ruleId, connectionId: automation.connectionId }));
  if (automation !== null && token === null && (address !== "" || !hasTrigger))
    problems["trigger"] = "Paste the address of the automation's webhook trigger, as Level shows it.";
  const values: RuleValues = {
    name,
    conditions: shown,
    hours: hours?.data ?? null,
    actions: actions ?? noActions,
    hasTrigger,
    stops: form.has("stops"),
  };
  const { hasTrigger: _, ...rest } = values;
  return { values, errors: problems, write: { ...rest, conditions }, token };
}

/** The rule's actions; null if they name something that is not the tenant's. */
function actionsOf(
  form: FormData,
  { people, channels, systems, connections }: RuleChoices,
): RuleActions | null {
  const oneOf = (name: string, ids: readonly string[]) => {
    const given = String(form.get(name) ?? "");
    return given === "" ? null : (ids.find((id) => id === given) ?? undefined);
  };
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
  const severity = oneOf("setSeverity", alertSeverities);
  const ownerId = oneOf("owner", idsOf(people));
  const ticketSystemId = oneOf("ticketSystem", idsOf(systems));
  const connectionId = oneOf("automation", idsOf(connections));
  const hours = oneOf(
    "ignore",
    ignoreHours.map(([value]) => String(value)),
  );
  const channelIds = form.getAll("channel").map(String);
  const known = new Set(idsOf(channels));
  if (
    [severity, ownerId, ticketSystemId, connectionId, hours].includes(undefined) ||
    channelIds.some((id) => !known.has(id))
  )
    return null;
  return {
    severity: alertSeverities.find((one) => one === severity) ?? null,
    ownerId: ownerId ?? null,
    ignoreHours: hours == null ? null : Number(hours),
    mails: form.has("mails"),
    channelIds: [...new Set(channelIds)],
    ticketSystemId: ticketSystemId ?? null,
    resolvesInRmm: form.has("resolves"),
    automation: connectionId == null ? null : { connectionId, sendsKey: form.has("sendsKey") },
  };
}

export const newRuleValues = async (tx: TenantDb, tenantId: string): Promise<RuleValues> => ({
  name: "",
  conditions: await shownConditions(tx, tenantId, anyAlert),
  hours: null,
  actions: noActions,
  hasTrigger: false,
  stops: false,
});

export const ruleValues = async (
  tx: TenantDb,
  tenantId: string,
  { id, name, conditions, hours, actions, stops }: RuleRow,
): Promise<RuleValues> => ({
  name,
  conditions: await shownConditions(tx, tenantId, conditions),
  hours,
  actions,
  hasTrigger:
    actions.automation !== null &&
    (await hasToken(tx, { tenantId, ruleId: id, connectionId: actions.automation.connectionId })),
  stops,
});
