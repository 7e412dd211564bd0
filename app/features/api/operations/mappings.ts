import * as z from "zod";

import { getIntegration, listIntegrations } from "@db/queries/connections/connections";
import { ruleChanges } from "@domain/compare-rules";
import { mappingStates } from "@domain/group-tree";
import type { CodedChange, RowProblem } from "@domain/mapping-code";
import { mappingRuleLimits } from "@domain/mapping-rules";
import { mapGroupByPath, mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { clientName } from "~/features/clients/forms.server";
import {
  applyMapping,
  mappingRow,
  mappingRule,
  MAX_MAPPING_ROWS,
  planMapping,
  readCodedMapping,
} from "~/features/mapping/mapping-code.server";

import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { connectionParams } from "./connections";

const MB = 1024 * 1024;

const version = z.int().meta({ description: "Rises with each change of the mapping; good as `If-Match`." });

const place = {
  site: z.string().nullish().meta({ description: "A site of the client." }),
  contact: z.string().nullish().meta({ description: "The default contact." }),
};
const shownRow = z
  .object({
    path: z.string(),
    state: z.enum(mappingStates),
    client: z.string().nullable(),
    ...place,
    id: z.string().optional().meta({ description: "Only where several groups have this path." }),
  })
  .meta({ id: "MappingRow" });
const shownRule = z
  .object({ pattern: z.string(), state: z.enum(mappingStates), client: z.string().nullable(), ...place })
  .meta({ id: "MappingRule" });
const comparedRule = shownRule.extend({
  change: z.enum(ruleChanges).meta({ description: "How it differs from what is stored." }),
});
const mapping = z
  .object({
    connectionId: z.uuid(),
    connection: z.string(),
    version,
    rules: z.array(shownRule).meta({
      description: "Groups that nobody decided on follow the first of them that matches their path.",
    }),
    groups: z
      .array(shownRow)
      .meta({ description: "Every group that the RMM lists, a parent before its children." }),
  })
  .meta({ id: "Mapping" });
const summary = mapping.omit({ groups: true, rules: true }).meta({ id: "MappingSummary" });

const decision = z.object({ state: z.enum(mappingStates), client: z.string().nullable(), ...place });
const changes = z.array(z.object({ path: z.string(), externalId: z.string(), from: decision, to: decision }));
const moves = z.array(z.object({ from: z.string().nullable(), to: z.string().nullable(), devices: z.int() }));
const plan = z
  .object({
    version,
    changes,
    rules: z
      .array(comparedRule.extend({ groups: z.int().meta({ description: "How many would follow it." }) }))
      .meta({ description: "Each rule in its order, then those that would be removed." }),
    effect: z
      .object({
        newClients: z.array(z.string()),
        created: moves.meta({ description: "Devices that get a new asset." }),
        joined: moves.meta({ description: "Devices that join an asset that is there." }),
        moved: moves.meta({ description: "Assets that change client." }),
        lost: moves.meta({ description: "Assets that lose their client." }),
        placed: z.int().meta({ description: "Assets that get another site or contact of their client." }),
        toReview: z.int().meta({ description: "Devices that go to pending review." }),
      })
      .meta({
        description: "What the next full sync would do, if the RMM lists the same devices as last time.",
      }),
  })
  .meta({ id: "MappingPlan" });
const applied = z
  .object({ version, changes, rules: z.array(comparedRule), clientsCreated: z.array(z.string()) })
  .meta({ id: "AppliedMapping" });

const body = z.strictObject({
  connection: z.string().optional().meta({ description: "Ignored: an export names it." }),
  connectionId: z.uuid().optional().meta({ description: "Ignored: an export names it." }),
  version: z.int().optional().meta({ description: "Ignored: send it as `If-Match`." }),
  groups: z.array(mappingRow).max(MAX_MAPPING_ROWS),
  rules: z.array(mappingRule).max(mappingRuleLimits.rules).optional().meta({
    description: "All rules by path, in their order. Left out, they stay as they are.",
  }),
});

const MAX_TOLD = 20;

/** The refusal of rows that name no group, or one twice. */
function invalidRows(problems: readonly RowProblem[]): ApiProblem {
  const errors = problems.slice(0, MAX_TOLD).map(({ list = "groups", row, column, message }) => ({
    field: `body.${list}.${row}.${column}`,
    message,
  }));
  const [first] = errors;
  return new ApiProblem(
    "invalid_request",
    `${problems.length} of the rows cannot be used; nothing was changed. ${first?.field}: ${first?.message}`,
    { errors },
  );
}

const refOf = ({ tenantId }: ApiContext, connectionId: string) => ({ tenantId, connectionId });

const shownChanges = (list: readonly CodedChange[]) => list.map((change) => ({ ...change }));

const versionOf = (ifMatch: string | undefined): number | undefined =>
  ifMatch === undefined ? undefined : Number(ifMatch);

export const mappingOperations = [
  operation({
    id: "listMappings",
    method: "GET",
    path: "/mappings",
    tag: "Mappings",
    summary: "The connections whose groups are mapped to clients, and the version of each mapping",
    scope: "read",
    permission: "integrations:read",
    success: { status: 200, description: "All of them", schema: pageOf(summary) },
    run: async ({ inTenant, tenantId }) => {
      const rows = await inTenant((tx) => listIntegrations(tx, tenantId));
      const data = rows.map(({ id, label, mappingVersion }) => ({
        connectionId: id,
        connection: label,
        version: mappingVersion,
      }));
      return { body: { data, next: null } };
    },
  }),
  operation({
    id: "getMapping",
    method: "GET",
    path: "/mappings/{connectionId}",
    tag: "Mappings",
    summary: "The mapping of a connection, by paths and names",
    cli: 'map export -f "$MAPPING_FILE" --connection "$CONNECTION_ID"',
    scope: "read",
    permission: "integrations:read",
    params: connectionParams,
    success: { status: 200, description: "The mapping", schema: mapping },
    run: async (context, { params: { connectionId } }) => {
      const found = await readCodedMapping(context.app.sync, refOf(context, connectionId));
      if (found === null) throw noSuch("connection");
      return { body: { connectionId, ...found }, version: String(found.version) };
    },
  }),
  operation({
    id: "planMapping",
    method: "POST",
    path: "/mappings/{connectionId}/plan",
    tag: "Mappings",
    summary: "What a mapping would change, and what the next full sync would do then",
    description: "Writes nothing. As the preview of the mapping page.",
    cli: 'map plan -f "$MAPPING_FILE" --connection "$CONNECTION_ID"',
    scope: "read",
    permission: "integrations:read",
    writesNothing: true,
    params: connectionParams,
    body,
    example: {
      rules: [{ pattern: "Customers/{client}/**", state: "mapped", client: "{client}" }],
      groups: [{ path: "$GROUP_PATH", state: "mapped", client: "Acme" }],
    },
    maxBodyBytes: 32 * MB,
    success: { status: 200, description: "The plan", schema: plan },
    run: async (context, { params: { connectionId }, body: given }) => {
      const outcome = await planMapping(context.app.sync, refOf(context, connectionId), given);
      switch (outcome.state) {
        case "unknown_integration":
          throw noSuch("connection");
        case "invalid":
          throw invalidRows(outcome.problems);
        case "stale":
          throw new ApiProblem("conflict", "The groups changed while they were compared. Try again.");
        case "planned":
          return { body: { ...outcome, changes: shownChanges(outcome.changes) } };
      }
    },
  }),
  operation({
    id: "putMapping",
    method: "PUT",
    path: "/mappings/{connectionId}",
    tag: "Mappings",
    summary: "Make the mapping what these rows say",
    description:
      "All or nothing. A listed group without a row has no decision of its own: it follows the first rule that matches its path, or inherits. Clients that are missing are made. The next full sync carries it out.",
    cli: 'map apply -f "$MAPPING_FILE" --connection "$CONNECTION_ID"',
    scope: "admin",
    permission: "integrations:manage",
    isVersioned: true,
    params: connectionParams,
    body,
    example: {
      rules: [{ pattern: "Customers/{client}/**", state: "mapped", client: "{client}" }],
      groups: [{ path: "$GROUP_PATH", state: "mapped", client: "Acme" }],
    },
    maxBodyBytes: 32 * MB,
    success: { status: 200, description: "What changed", schema: applied },
    run: async (context, { params: { connectionId }, body: given }) => {
      const { app, actor, ifMatch } = context;
      const ref = refOf(context, connectionId);
      const outcome = await applyMapping(app.sync, ref, given, actor, versionOf(ifMatch));
      switch (outcome.state) {
        case "unknown_integration":
          throw noSuch("connection");
        case "invalid":
          throw invalidRows(outcome.problems);
        case "stale":
          throw stale("mapping");
        case "applied":
          return { body: { ...outcome, changes: shownChanges(outcome.changes) } };
      }
    },
  }),
  operation({
    id: "mapTopLevelGroups",
    method: "POST",
    path: "/mappings/{connectionId}/auto",
    tag: "Mappings",
    summary: "Map each top-level group that nobody decided on to a client of its name",
    description: "Clients that are missing are made.",
    cli: 'map --auto --connection "$CONNECTION_ID"',
    scope: "admin",
    permission: "integrations:manage",
    params: connectionParams,
    success: {
      status: 200,
      description: "What was mapped",
      schema: z.object({ groups: z.int(), clientsCreated: z.int(), clientsReused: z.int() }),
    },
    run: async (context, { params: { connectionId } }) => {
      const outcome = await mapTopLevelGroups(context.app.sync, refOf(context, connectionId), context.actor);
      switch (outcome.state) {
        case "unknown_integration":
          throw noSuch("connection");
        case "no_groups":
          // An unknown connection has no groups, so only this check distinguishes it.
          await mustExist(context, connectionId);
          throw new ApiProblem("conflict", "No groups are known yet. Sync the groups first.");
        case "mapped":
          return { body: outcome };
      }
    },
  }),
  operation({
    id: "mapGroup",
    method: "POST",
    path: "/mappings/{connectionId}/groups",
    tag: "Mappings",
    summary: "Map one group to a client",
    description: "A client that is missing is made.",
    cli: 'map --group "$GROUP_ID" --client Acme --connection "$CONNECTION_ID"',
    scope: "admin",
    permission: "integrations:manage",
    params: connectionParams,
    body: z.strictObject({
      group: z
        .string()
        .min(1)
        .max(20_000)
        .meta({ description: "Its path, with “ / ” between the names, or its id at the RMM." }),
      client: clientName,
    }),
    example: { group: "$GROUP_ID", client: "Acme" },
    success: {
      status: 200,
      description: "The mapping's version now",
      schema: z.object({ changed: z.int(), clientsCreated: z.array(z.string()), version }),
    },
    run: async (context, { params: { connectionId }, body: { group, client } }) => {
      await mustExist(context, connectionId);
      const names = { path: group, clientName: client };
      const ref = refOf(context, connectionId);
      const outcome = await mapGroupByPath(context.app.sync, ref, names, context.actor);
      switch (outcome.state) {
        case "saved":
          return { body: outcome };
        case "unknown_group":
          throw invalidGroup(`There is no group “${group}”.`);
        case "ambiguous_group":
          throw invalidGroup(
            `There are ${outcome.externalIds.length} groups “${group}”: say which by its id, of ${outcome.externalIds.join(", ")}.`,
          );
        case "unknown_integration":
          throw noSuch("connection");
        case "stale":
        case "unknown_groups":
        case "unknown_client":
          throw new ApiProblem("conflict", "The mapping changed meanwhile. Try again.");
      }
    },
  }),
];

const invalidGroup = (message: string): ApiProblem =>
  new ApiProblem("invalid_request", message, { errors: [{ field: "body.group", message }] });

async function mustExist({ inTenant, tenantId }: ApiContext, connectionId: string): Promise<void> {
  if ((await inTenant((tx) => getIntegration(tx, tenantId, connectionId))) === undefined)
    throw noSuch("connection");
}
