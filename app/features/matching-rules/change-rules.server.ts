import type { TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { audit } from "@db/queries/audit/audit";
import { namesOfClients } from "@db/queries/clients/clients";
import { getIntegration, lockIntegrations } from "@db/queries/connections/connections";
import { listGroups } from "@db/queries/device-sync/groups";
import { insertMatchingRules, readMatchingRules } from "@db/queries/matching-rules/rules";
import type { Actor } from "@domain/actor";
import { impossibleJunk, junkKinds, type MatchingRules } from "@domain/matching-rules";
import type { ConnectionRef } from "@domain/refs";
import { applyStandingRules } from "~/features/device-sync/standing-rules";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

/**
 * An error in rules that parse.
 * @property field its path, as the API names it
 */
export interface RulesProblem {
  field: string;
  message: string;
}

export type ChangeRulesOutcome =
  | { state: "saved"; version: number; isChanged: boolean }
  | { state: "unknown_integration" }
  | { state: "invalid"; problems: RulesProblem[] }
  /** Another person changed the rules meanwhile, so nothing was saved. */
  | { state: "stale"; version: number };

/**
 * Saves the matching rules of a connection as a new version, which the next run that begins uses.
 * @param seen the version that was shown; undefined if none was
 */
export async function changeMatchingRules(
  deps: Pick<SyncDeps, "db" | "clock" | "nudge">,
  ref: ConnectionRef,
  rules: MatchingRules,
  actor: Actor,
  seen?: number,
): Promise<ChangeRulesOutcome> {
  return inTransaction(deps, ref.tenantId, async (tx): Promise<ChangeRulesOutcome> => {
    await lockIntegrations(tx, ref.tenantId, [ref.connectionId]);
    if ((await getIntegration(tx, ref.tenantId, ref.connectionId)) === undefined)
      return { state: "unknown_integration" };
    const before = await readMatchingRules(tx, ref);
    if (seen !== undefined && seen !== before.version) return { state: "stale", version: before.version };
    const problems = await problemsOf(tx, ref, rules);
    if (problems.length > 0) return { state: "invalid", problems };
    const parts = (Object.keys(rules) as (keyof MatchingRules)[]).filter(
      (part) => JSON.stringify(rules[part]) !== JSON.stringify(before.rules[part]),
    );
    if (parts.length === 0) return { state: "saved", version: before.version, isChanged: false };
    const version = before.version + 1;
    await insertMatchingRules(tx, ref, { version, rules, actor: actor.name, createdAt: deps.clock() });
    await attributeChanges(tx, actor.name);
    await applyStandingRules(tx, ref, rules, actor, deps.clock());
    await audit(tx, ref.tenantId, actor, {
      action: "matching_rules.changed",
      targetType: "integration",
      targetId: ref.connectionId,
      details: {
        version,
        ...Object.fromEntries(parts.map((part) => [part, { from: before.rules[part], to: rules[part] }])),
      },
    });
    return { state: "saved", version, isChanged: true };
  });
}

/** The errors of rules that name missing records; two statements. */
export async function problemsOf(
  tx: TenantDb,
  ref: ConnectionRef,
  { approval, junk, differences }: MatchingRules,
): Promise<RulesProblem[]> {
  const known = new Set(
    (await listGroups(tx, ref.tenantId, ref.connectionId)).map(({ externalId }) => externalId),
  );
  const unknown = approval.groups.filter((id) => !known.has(id));
  const problems: RulesProblem[] = [];
  if (unknown.length > 0)
    problems.push({ field: "approval.groups", message: `There is no such group: ${unknown[0]!}` });
  if (approval.mode === "some" && approval.groups.length + approval.types.length === 0)
    problems.push({ field: "approval", message: "Choose a group or a type, or approve everything." });
  const clientIds = differences.flatMap(({ clientId }) => clientId ?? []);
  const clients = await namesOfClients(tx, ref.tenantId, clientIds);
  if (clientIds.some((id) => !clients.has(id)))
    problems.push({ field: "differences", message: "There is no such client." });
  for (const kind of junkKinds) {
    const impossible = impossibleJunk(kind, junk[kind]);
    if (impossible.length > 0)
      problems.push({ field: `junk.${kind}`, message: `“${impossible[0]!}” ${impossibleTexts[kind]}` });
  }
  return problems;
}

const impossibleTexts = {
  serials: "contains no letter and no digit.",
  macs: "is no MAC address: it takes 12 hexadecimal digits.",
  hostnames: "is no hostname.",
} as const;
