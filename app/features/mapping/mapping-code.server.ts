import * as z from "zod";

import { withTenant, type TenantDb } from "@db/client";
import { namesOfParts } from "@db/queries/clients/client-parts";
import { namesOfClients } from "@db/queries/clients/clients";
import { getIntegration } from "@db/queries/connections/connections";
import { listGroups } from "@db/queries/device-sync/groups";
import { listMappingRules } from "@db/queries/mapping/rules";
import type { Actor } from "@domain/actor";
import { compareRules, type RuleComparison } from "@domain/compare-rules";
import { clientPartKinds } from "@domain/client-parts";
import { mappingStates } from "@domain/group-tree";
import {
  compareMapping,
  mappingRows,
  problemsOfRules,
  type CodedChange,
  type MappingRow,
  type RowProblem,
} from "@domain/mapping-code";
import { mappingRuleLimits, ruleInput, ruleKey, type MappingRuleInput } from "@domain/mapping-rules";
import type { ConnectionRef } from "@domain/refs";
import { onOneLine, textLimits } from "@domain/text";
import { clientName } from "~/features/clients/forms.server";
import type { SyncDeps } from "~/platform/ports";

import type { MappingEdit } from "./mapping-edit";
import { saveMapping } from "./mapping.server";
import { previewEdits, type EditsPreview } from "./preview-edits.server";

/** The most groups in a mapping: more than any RMM account has. */
export const MAX_MAPPING_ROWS = 100_000;

const partName = z.string().transform(onOneLine).pipe(z.string().min(1).max(textLimits.name)).nullish();

/** A row in a file or a program's request. */
export const mappingRow = z
  .strictObject({
    path: z.string().trim().min(1, "Name a group.").max(20_000).meta({
      description: "The names from the top, with “ / ” between them; a slash in a name is written “\\/”.",
      example: "Customers / Acme / Berlin",
    }),
    state: z.enum(mappingStates, `Use one of: ${mappingStates.join(", ")}.`),
    client: clientName.nullable().default(null).meta({
      description: "Of a mapped group: the client's name. Made if there is none of this name.",
    }),
    site: partName.meta({
      description: "Of a mapped group: a site of the client, made if it has none of this name.",
    }),
    contact: partName.meta({ description: "Of a mapped group: its default contact. Made like the site." }),
    id: z.string().min(1).max(textLimits.id).optional().meta({
      description: "The group's id at the RMM, where several groups have one path.",
    }),
  })
  .superRefine(({ state, client, ...parts }, context) => {
    for (const part of clientPartKinds) {
      const isOdd = state !== "mapped" && (parts[part] ?? null) !== null;
      const message = `A group that is “${state}” has no ${part} here.`;
      if (isOdd) context.addIssue({ code: "custom", path: [part], message });
    }
    if ((state === "mapped") === (client !== null)) return;
    const message =
      state === "mapped" ? "Name the client." : `A group that is “${state}” has no client here.`;
    context.addIssue({ code: "custom", path: ["client"], message });
  });

/** A rule in a file or a program's request. */
export const mappingRule = z.strictObject({
  pattern: z.string().trim().min(1, "Write a pattern.").max(mappingRuleLimits.pattern).meta({
    description:
      "The names from the top with “/” between them. “*” stands for any text in a name and “?” for one character, “**” for any groups or none, “{client}” for a whole name.",
    example: "Customers/{client}/**",
  }),
  state: z.enum(mappingStates, `Use one of: ${mappingStates.join(", ")}.`),
  client: clientName.nullable().default(null).meta({
    description:
      "Of a rule to “mapped”: the client's name, with names of the path as “{client}”. Made if there is none of this name.",
  }),
  site: partName.meta({
    description: "Of a rule to “mapped”: a site of the client, with names of the path like it. Made like it.",
  }),
  contact: partName.meta({ description: "Of a rule to “mapped”: the default contact. Made like the site." }),
});

/** A mapping in a file or a program's request. Without `rules`, the stored rules stay. */
export interface GivenMapping {
  groups: readonly MappingRow[];
  rules?: readonly MappingRuleInput[] | undefined;
}

export interface CodedMapping {
  connection: string;
  version: number;
  rules: MappingRuleInput[];
  groups: MappingRow[];
}

async function readStored(tx: TenantDb, { tenantId, connectionId }: ConnectionRef) {
  const connection = await getIntegration(tx, tenantId, connectionId);
  if (connection === undefined) return null;
  const groups = await listGroups(tx, tenantId, connectionId);
  const clientIds = groups.map(({ clientId }) => clientId);
  const names = await namesOfClients(tx, tenantId, clientIds);
  const idsOf = (key: "siteId" | "contactId") => groups.map((group) => group[key]);
  const sites = await namesOfParts(tx, tenantId, "site", idsOf("siteId"));
  const contacts = await namesOfParts(tx, tenantId, "contact", idsOf("contactId"));
  const nameOf = {
    client: (id: string) => names.get(id),
    site: (id: string | null) => sites.get(id ?? ""),
    contact: (id: string | null) => contacts.get(id ?? ""),
  };
  return { connection, groups, nameOf, rules: await listMappingRules(tx, { tenantId, connectionId }) };
}

/** The mapping of a connection by paths and names; null if there is no such connection. Six statements at most. */
export const readCodedMapping = (
  deps: Pick<SyncDeps, "db">,
  ref: ConnectionRef,
): Promise<CodedMapping | null> =>
  withTenant(deps.db, ref.tenantId, async (tx) => {
    const stored = await readStored(tx, ref);
    if (stored === null) return null;
    const { connection, groups, nameOf, rules } = stored;
    return {
      connection: connection.label,
      version: connection.mappingVersion,
      rules: rules.map(ruleInput),
      groups: mappingRows(groups, nameOf),
    };
  });

type Refusal = { state: "unknown_integration" } | { state: "invalid"; problems: RowProblem[] };

type Compared =
  { state: "compared"; version: number; changes: CodedChange[]; rules: RuleComparison[] } | Refusal;

const compare = (deps: Pick<SyncDeps, "db">, ref: ConnectionRef, given: GivenMapping): Promise<Compared> =>
  withTenant(deps.db, ref.tenantId, async (tx): Promise<Compared> => {
    const stored = await readStored(tx, ref);
    if (stored === null) return { state: "unknown_integration" };
    const compared = compareMapping(stored.groups, stored.nameOf, given.groups);
    const problems = [
      ...(compared.state === "invalid" ? compared.problems : []),
      ...problemsOfRules(given.rules ?? []),
    ];
    if (compared.state === "invalid" || problems.length > 0) return { state: "invalid", problems };
    return {
      ...compared,
      rules: compareRules(stored.rules, given.rules ?? stored.rules),
      version: stored.connection.mappingVersion,
    };
  });

const editsOf = (changes: readonly CodedChange[]): MappingEdit[] =>
  changes.map(({ externalId, to: { state, client, site, contact } }) => ({
    externalId,
    state,
    ...(client !== null && { clientName: client }),
    ...(site === undefined ? { siteId: null } : { siteName: site }),
    ...(contact === undefined ? { contactId: null } : { contactName: contact }),
  }));

/** A rule, its difference from what is stored, and the number of groups that would follow it. */
export interface PlannedRule extends RuleComparison {
  groups: number;
}

/** Whether a planned rule differs from what is stored. */
export const isChanged = ({ change }: RuleComparison): boolean => change !== "none";

export type MappingPlan =
  | { state: "planned"; version: number; changes: CodedChange[]; rules: PlannedRule[]; effect: EditsPreview }
  | { state: "stale" }
  | Refusal;

/** The changes that applying this mapping would make, and what the next full sync would do then. Writes nothing. */
export async function planMapping(
  deps: Pick<SyncDeps, "db" | "clock">,
  ref: ConnectionRef,
  given: GivenMapping,
): Promise<MappingPlan> {
  const compared = await compare(deps, ref, given);
  if (compared.state !== "compared") return compared;
  const { version, changes } = compared;
  const previewed = await previewEdits(deps, ref, editsOf(changes), given.rules);
  switch (previewed.state) {
    case "previewed": {
      const groupsOf = new Map(
        previewed.preview.following.map(({ pattern, groups }) => [ruleKey({ pattern }), groups]),
      );
      const rules = compared.rules.map((rule) => ({
        ...rule,
        groups: rule.change === "removed" ? 0 : (groupsOf.get(ruleKey(rule)) ?? 0),
      }));
      return { state: "planned", version, changes, rules, effect: previewed.preview };
    }
    case "unknown_integration":
      return previewed;
    // A sync removed the group, or a person removed the client, since they were compared.
    case "unknown_groups":
    case "unknown_client":
      return { state: "stale" };
  }
}

export type ApplyOutcome =
  | {
      state: "applied";
      version: number;
      changes: CodedChange[];
      rules: RuleComparison[];
      clientsCreated: string[];
    }
  | { state: "stale" }
  | Refusal;

/**
 * Applies a mapping in one transaction or not at all; the next full sync moves the assets. Writes only what differs
 * from the stored mapping.
 * @param expectedVersion the version that the caller saw; undefined accepts any
 */
export async function applyMapping(
  deps: SyncDeps,
  ref: ConnectionRef,
  given: GivenMapping,
  actor: Actor,
  expectedVersion?: number,
): Promise<ApplyOutcome> {
  const compared = await compare(deps, ref, given);
  if (compared.state !== "compared") return compared;
  const { version, changes, rules } = compared;
  if (expectedVersion !== undefined && expectedVersion !== version) return { state: "stale" };
  const hasOtherRules = rules.some(isChanged);
  if (changes.length === 0 && !hasOtherRules)
    return { state: "applied", version, changes, rules, clientsCreated: [] };
  const wanted = hasOtherRules ? given.rules : undefined;
  const saved = await saveMapping(deps, ref, editsOf(changes), actor, version, wanted);
  switch (saved.state) {
    case "saved":
      return {
        state: "applied",
        version: saved.version,
        changes,
        rules,
        clientsCreated: saved.clientsCreated,
      };
    case "unknown_integration":
      return saved;
    case "stale":
    case "unknown_groups":
    case "unknown_client":
      return { state: "stale" };
  }
}
