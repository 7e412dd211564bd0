import * as z from "zod";

import { listAssetChanges } from "@db/queries/assets/asset-changes";
import { listIssues } from "@db/queries/sync-runs/run-issues";
import { listPlannedAfter, type PlanRow } from "@db/queries/sync-runs/plan-list";
import { getRun } from "@db/queries/sync-runs/runs";
import { plannedActions, plannedDeviceActions } from "@domain/device-plan";
import { syncResources } from "@domain/sync-words";
import { confirmHeldDevices } from "~/features/review/decide-held.server";
import { readRunPlan } from "~/features/sync-runs/run-plan";

import { operation } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { ApiProblem, noSuch } from "../base/problem";
import { named, searchWords } from "../base/shapes";
import { assetChange, toAssetChange } from "./asset-changes";
import { runParams } from "./runs";

const runChange = assetChange.extend({ asset: named }).meta({ id: "RunChange" });
const runError = z
  .object({
    id: z.uuid(),
    resource: z.enum(syncResources),
    severity: z.string().meta({ description: "`record`: left out; `field`: stored without this field." }),
    externalId: z.string().nullable(),
    name: z.string().nullable(),
    field: z.string().nullable(),
    reason: z.string(),
    isIgnored: z.boolean(),
  })
  .meta({ id: "RunError" });

const plannedAction = z.enum(plannedActions);
const runPlan = z
  .object({
    plan: z
      .partialRecord(plannedAction, z.int())
      .nullable()
      .meta({ description: "Of a dry run: how many devices a full sync would do what to." }),
    appliesRunId: z.uuid().nullable().meta({ description: "The dry run that this run carries out." }),
    differences: z
      .object({
        total: z.int(),
        first: z
          .array(
            z.object({
              name: z.string(),
              planned: plannedAction.nullable(),
              done: plannedAction.nullable(),
            }),
          )
          .meta({ description: "The first by name." }),
      })
      .nullable()
      .meta({ description: "Of a run that carries out a dry run: devices that it did something else to." }),
  })
  .meta({ id: "RunPlan" });

const plannedDevice = z
  .object({
    externalId: z.string().meta({ description: "The device's id at the RMM." }),
    name: z.string(),
    action: z.enum(plannedDeviceActions),
    assetId: z.uuid().nullable(),
    fromClient: z.string().nullable(),
    toClient: z.string().nullable().meta({ description: "Also a client that would be made." }),
    changes: z
      .array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() }))
      .meta({ description: "Field by field; `site` and `contact` by their names." }),
    reason: z.string().nullable(),
  })
  .meta({ id: "PlannedDevice" });

const toPlannedDevice = ({ changes, ...row }: PlanRow): z.infer<typeof plannedDevice> => ({
  ...row,
  changes: changes.flatMap(({ field, from, to }) =>
    field === "client" ? [] : [{ field, from: from ?? null, to: to ?? null }],
  ),
});

export const runResultOperations = [
  operation({
    id: "getRunPlan",
    method: "GET",
    path: "/runs/{runId}/plan",
    tag: "Sync runs",
    summary: "What a dry run found, or how far a run differs from the dry run that it carries out",
    scope: "read",
    permission: "runs:read",
    params: runParams,
    success: { status: 200, description: "The plan", schema: runPlan },
    run: async ({ inTenant, tenantId }, { params: { runId } }) => {
      const body = await inTenant(async (tx) => {
        const found = await getRun(tx, tenantId, runId);
        return found === undefined ? null : readRunPlan(tx, found);
      });
      if (body === null) throw noSuch("run");
      return { body };
    },
  }),
  operation({
    id: "listPlannedDevices",
    method: "GET",
    path: "/runs/{runId}/plan/devices",
    tag: "Sync runs",
    summary: "What a full sync would do to each device according to a dry run, by the devices' ids",
    description:
      "Devices that nothing would happen to are left out. Of a run that carries out a dry run: what it did.",
    cli: "runs plan $RUN_ID",
    scope: "read",
    permission: "runs:read",
    params: runParams,
    query: pageQuery
      .extend({
        action: z.enum(plannedDeviceActions).optional(),
        client: z
          .union([z.uuid(), z.literal("none")])
          .optional()
          .meta({ description: "Of the asset, now or then; `none` for those with neither." }),
        q: searchWords.meta({ description: "Part of the device's name or id." }),
      })
      .strict(),
    success: { status: 200, description: "A page of devices", schema: pageOf(plannedDevice) },
    run: async (
      { inTenant, tenantId },
      { params: { runId }, query: { limit, cursor, action, client: clientId, q: text } },
    ) => {
      const after = decodeCursor(z.tuple([z.string()]), cursor)?.[0] ?? "";
      const filter = { action, clientId, text };
      const rows = await inTenant(async (tx) =>
        (await getRun(tx, tenantId, runId)) === undefined
          ? null
          : listPlannedAfter(tx, tenantId, runId, filter, { after, limit: limit + 1 }),
      );
      if (rows === null) throw noSuch("run");
      return { body: page(rows, limit, toPlannedDevice, ({ externalId }) => [externalId]) };
    },
  }),
  operation({
    id: "confirmRun",
    method: "POST",
    path: "/runs/{runId}/confirm",
    tag: "Sync runs",
    summary: "Confirm that the devices which a run held as missing were really removed",
    cli: "runs confirm $RUN_ID",
    scope: "review",
    permission: "assets:write",
    params: runParams,
    success: {
      status: 200,
      description: "The outcome",
      schema: z.object({ gone: z.int().meta({ description: "Assets that were marked as gone." }) }),
    },
    run: async ({ app, tenantId, actor }, { params: { runId } }) => {
      const outcome = await confirmHeldDevices(app.sync, { tenantId, runId }, actor);
      switch (outcome.state) {
        case "confirmed":
          return { body: { gone: outcome.gone } };
        case "unknown_run":
          throw noSuch("run");
        case "nothing_held":
          throw new ApiProblem("conflict", "This run holds nothing.");
        case "superseded":
          throw new ApiProblem("conflict", "A later sync has completed since; look at what that one holds.");
      }
    },
  }),
  operation({
    id: "listRunChanges",
    method: "GET",
    path: "/runs/{runId}/changes",
    tag: "Sync runs",
    summary: "The fields of assets that a run changed, the latest first",
    scope: "read",
    permission: "runs:read",
    params: runParams,
    query: pageQuery.strict(),
    success: { status: 200, description: "A page of changes", schema: pageOf(runChange) },
    run: async ({ inTenant, tenantId }, { params: { runId }, query: { limit, cursor } }) => {
      const before = decodeCursor(z.tuple([z.int().positive()]), cursor)?.[0];
      const rows = await inTenant(async (tx) =>
        (await getRun(tx, tenantId, runId)) === undefined
          ? null
          : listAssetChanges(tx, tenantId, { runId }, { before, limit: limit + 1 }),
      );
      if (rows === null) throw noSuch("run");
      const show = (row: (typeof rows)[number]) => ({
        ...toAssetChange(row),
        asset: { id: row.assetId, name: row.asset },
      });
      return { body: page(rows, limit, show, ({ id }) => [id]) };
    },
  }),
  operation({
    id: "listRunErrors",
    method: "GET",
    path: "/runs/{runId}/errors",
    tag: "Sync runs",
    summary: "Records and fields that a run could not store, in the order that it met them",
    scope: "read",
    permission: "runs:read",
    params: runParams,
    query: pageQuery.strict(),
    success: { status: 200, description: "A page of errors", schema: pageOf(runError) },
    run: async ({ inTenant, tenantId }, { params: { runId }, query: { limit, cursor } }) => {
      const after = decodeCursor(idPlace, cursor)?.[0];
      const slice = { limit: limit + 1, ...(after !== undefined && { after }) };
      const rows = await inTenant(async (tx) =>
        (await getRun(tx, tenantId, runId)) === undefined ? null : listIssues(tx, tenantId, runId, slice),
      );
      if (rows === null) throw noSuch("run");
      const show = ({ mayBeIgnored: _, ...row }: (typeof rows)[number]) => row;
      return { body: page(rows, limit, show, ({ id }) => [id]) };
    },
  }),
];
