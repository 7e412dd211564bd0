import { withTenant, type Db, type TenantDb } from "@db/client";
import { listRules, type RuleRow, type RuleWrite } from "@db/queries/alert-rules/rules";
import { listAssetNames } from "@db/queries/assets/assets";
import { listAudit } from "@db/queries/audit/audit";
import { getTimeZone } from "@db/queries/maintenance/windows";
import { matchesRule, matchingRules } from "@domain/alert-rules";
import { auditActions } from "@domain/audit-actions";
import { conditionsText } from "~/features/alert-conditions/condition-words";
import { namesOf, previewOf, readPreviewSubjects } from "~/features/alert-conditions/preview.server";
import { sentenceOf } from "~/features/audit/audit-sentences";

import { startsAutomation } from "./change-rule.server";
import { actionsText, hoursText } from "./labels";
import { newRuleValues, readRuleChoices, ruleValues } from "./rule-form.server";

/** The rules in their order. A constant number of statements. */
export const readRules = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, async (tx) => {
    const rows = await listRules(tx, tenantId);
    const { conditions, people, systems, connections } = await readRuleChoices(tx, tenantId);
    const devices = await listAssetNames(
      tx,
      tenantId,
      rows.flatMap((row) => row.conditions.assetIds),
    );
    const names = {
      clients: namesOf(conditions.clients),
      groups: namesOf(conditions.groups),
      assets: namesOf(devices),
    };
    const others = {
      people: namesOf(people),
      systems: namesOf(systems),
      connections: namesOf(connections),
    };
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      about: [
        conditionsText(row.conditions, names),
        ...(row.hours === null ? [] : [hoursText(row.hours)]),
      ].join(" · "),
      does: actionsText(row.actions, others),
      startsAutomation: startsAutomation(row),
      stops: row.stops,
      isEnabled: row.isEnabled,
      hasStopped: row.stoppedAt !== null && !row.isEnabled,
      hits: row.hits,
      lastHitAt: row.lastHitAt,
    }));
  });

export type Rules = Awaited<ReturnType<typeof readRules>>;

const HISTORY = 20;
const ruleActions = auditActions.filter((action) => action.startsWith("rule."));

/**
 * The data of a rule's form, with the rule's history; null if there is no such rule.
 * @param ruleId undefined for a new rule
 */
export const readRuleForm = (db: Db, tenantId: string, ruleId: string | undefined) =>
  withTenant(db, tenantId, async (tx) => {
    const row = ruleId === undefined ? undefined : await findRule(tx, tenantId, ruleId);
    if (ruleId !== undefined && row === undefined) return null;
    return {
      timeZone: await getTimeZone(tx, tenantId),
      choices: await readRuleChoices(tx, tenantId),
      values: row === undefined ? await newRuleValues(tx, tenantId) : await ruleValues(tx, tenantId, row),
      isEnabled: row?.isEnabled ?? false,
      hasStopped: row !== undefined && row.stoppedAt !== null && !row.isEnabled,
      history: ruleId === undefined ? [] : await readHistory(tx, tenantId, ruleId),
    };
  });

const findRule = async (tx: TenantDb, tenantId: string, ruleId: string): Promise<RuleRow | undefined> =>
  (await listRules(tx, tenantId)).find(({ id }) => id === ruleId);

async function readHistory(tx: TenantDb, tenantId: string, ruleId: string) {
  const entries = await listAudit(tx, tenantId, { text: ruleId, actions: ruleActions }, { limit: HISTORY });
  return entries.map(({ id, actor, action, details, createdAt }) => ({
    id,
    text: `${actor} ${sentenceOf(action, details).join("")}`,
    at: createdAt,
  }));
}

/**
 * The incidents of the last 30 days on which a rule would have acted after the present rules before it.
 * @param ruleId the rule whose place it takes; undefined for a new one, after the others
 */
export async function previewRule(
  tx: TenantDb,
  tenantId: string,
  ruleId: string | undefined,
  write: RuleWrite,
  now: Date,
) {
  const { subjects } = await readPreviewSubjects(tx, tenantId, now);
  const timeZone = await getTimeZone(tx, tenantId);
  const all = await listRules(tx, tenantId);
  const draft = { ...write, id: ruleId ?? "new" };
  const place = ruleId === undefined ? all.length : all.findIndex(({ id }) => id === ruleId);
  const before = all.slice(0, place).filter(({ isEnabled }) => isEnabled);
  const met = subjects.filter((subject) => matchesRule(draft, subject, timeZone));
  const found = met.filter((subject) =>
    matchingRules([...before, draft], subject, timeZone).some(({ id }) => id === draft.id),
  );
  return {
    ...(await previewOf(tx, tenantId, subjects, found)),
    keptByEarlier: met.length - found.length,
    mostAnHour: mostWithin(
      found.map(({ openedMs }) => openedMs),
      3_600_000,
    ),
  };
}

export type RulePreview = Awaited<ReturnType<typeof previewRule>>;

/** The greatest number of instants within any interval of `length` milliseconds. */
function mostWithin(instants: readonly number[], length: number): number {
  const sorted = [...instants].sort((one, other) => one - other);
  let first = 0;
  let most = 0;
  for (const [index, instant] of sorted.entries()) {
    while (instant - sorted[first]! >= length) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
