import * as z from "zod";

import { getRun, listRunsById, type RunRow } from "@db/queries/sync-runs/runs";
import { runStatuses, syncResources, syncTriggers, syncTypes } from "@domain/sync-words";
import { isUsableId } from "@domain/text";
import type { SyncRequestOutcome } from "~/features/sync-engine/request-sync";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { startSync } from "~/features/sync-execution/start-sync.server";
import { applyDryRun, type ApplyDryRunOutcome } from "~/features/sync-runs/apply-dry-run.server";

import { operation, type ApiContext } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { ApiProblem, noSuch } from "../base/problem";
import { instantText, toInstant, toInstantOrNull } from "../base/shapes";
import { connectionParams } from "./connections";

const counted = z.int().nonnegative();

const run = z
  .object({
    id: z.uuid(),
    connectionId: z.uuid(),
    type: z.enum(syncTypes),
    trigger: z.enum(syncTriggers),
    actor: z.string().meta({ description: "Who asked for it: an e-mail, `schedule`, …" }),
    status: z.enum(runStatuses),
    requestedAt: instantText,
    startedAt: instantText.nullable(),
    endedAt: instantText.nullable().meta({ description: "Null while it is under way." }),
    waitingUntil: instantText.nullable(),
    waitingReason: z.string().nullable(),
    items: z
      .object({
        seen: counted,
        created: counted,
        updated: counted,
        unchanged: counted,
        skipped: counted,
        failed: counted,
        gone: counted,
        held: counted.meta({ description: "Changes that are pending review." }),
      })
      .meta({ description: "Devices of a full sync, otherwise the records it is about." }),
    stage: z.string().nullable().meta({ description: "What it is doing now." }),
    pages: counted,
    expectedItems: counted.nullable().meta({ description: "As many as the sync before saw." }),
    steps: counted,
    requests: counted.meta({ description: "To the RMM." }),
    retries: counted,
    rateLimitedMs: counted.meta({ description: "Time that it waited because the RMM asked it to." }),
    pendingUpdates: counted.nullable(),
    resources: z
      .partialRecord(
        z.enum(syncResources),
        z.object({
          pages: counted,
          seen: counted,
          created: counted,
          updated: counted,
          unchanged: counted,
          skipped: counted,
          failed: counted,
          gone: counted,
          held: counted,
        }),
      )
      .nullable()
      .meta({ description: "The counts of each kind of record; null until it has ended." }),
    degraded: z
      .array(
        z.object({
          resource: z.enum(syncResources),
          kind: z.string().optional(),
          loss: z.object({ known: counted, absent: counted }).optional(),
          reason: z.string(),
          hint: z.string(),
        }),
      )
      .meta({ description: "What it could not read, and went on without." }),
    error: z
      .object({ code: z.string().nullable(), message: z.string(), hint: z.string().nullable() })
      .nullable(),
  })
  .meta({ id: "Run" });

export const runParams = z.object({ runId: z.uuid() });

const toRun = (row: RunRow): z.infer<typeof run> => ({
  id: row.id,
  connectionId: row.connectionId,
  type: row.type,
  trigger: row.trigger,
  actor: row.actor,
  status: row.status,
  requestedAt: toInstant(row.requestedAt),
  startedAt: toInstantOrNull(row.startedAt),
  endedAt: toInstantOrNull(row.endedAt),
  waitingUntil: toInstantOrNull(row.waitingUntil),
  waitingReason: row.waitingReason,
  items: {
    seen: row.itemsSeen,
    created: row.itemsCreated,
    updated: row.itemsUpdated,
    unchanged: row.itemsUnchanged,
    skipped: row.itemsSkipped,
    failed: row.itemsFailed,
    gone: row.itemsGone,
    held: row.itemsHeld,
  },
  stage: row.stage,
  pages: row.pages,
  expectedItems: row.expectedItems,
  steps: row.steps,
  requests: row.requests,
  retries: row.retries,
  rateLimitedMs: row.rateLimitedMs,
  pendingUpdates: row.pendingPatches,
  resources: row.summary,
  degraded: row.degraded,
  error:
    row.errorMessage === null
      ? null
      : { code: row.errorCode, message: row.errorMessage, hint: row.errorHint },
});

async function readRun({ inTenant, tenantId }: ApiContext, runId: string) {
  const row = await inTenant((tx) => getRun(tx, tenantId, runId));
  if (row === undefined) throw noSuch("run");
  return { body: toRun(row) };
}

const syncBody = z
  .strictObject({
    type: z.enum(["full", "organizations", "alerts", "dry_run", "device"]).default("full"),
    device: z
      .string()
      .refine(isUsableId, "This is no id of a device.")
      .optional()
      .meta({ description: "Of a sync of one device: its id at the RMM." }),
    appliesRunId: z.uuid().optional().meta({
      description: "Of a full sync: a completed dry run of this connection, which it carries out.",
    }),
  })
  .superRefine(({ type, device, appliesRunId }, context) => {
    const fault = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (type === "device" && device === undefined) fault("device", "Say which device.");
    if (type !== "device" && device !== undefined) fault("device", "Only a sync of one device takes this.");
    if (type !== "full" && appliesRunId !== undefined)
      fault("appliesRunId", "Only a full sync carries out a dry run.");
  });

async function start(
  { app, tenantId, actor, inTenant }: ApiContext,
  connectionId: string,
  { type, device, appliesRunId }: z.infer<typeof syncBody>,
): Promise<SyncRequestOutcome | ApplyDryRunOutcome> {
  if (appliesRunId !== undefined) {
    const dryRun = await inTenant((tx) => getRun(tx, tenantId, appliesRunId));
    if (dryRun?.connectionId !== connectionId) return { state: "unknown_run" };
    return applyDryRun(app.sync, { tenantId, runId: appliesRunId }, actor);
  }
  return startSync(app.sync, {
    tenantId,
    connectionId,
    type,
    trigger: "manual",
    actor: actor.name,
    person: actor,
    ...(device !== undefined && { externalDeviceId: device }),
  });
}

const noDryRun = (message: string): ApiProblem =>
  new ApiProblem("invalid_request", message, { errors: [{ field: "body.appliesRunId", message }] });

export const runOperations = [
  operation({
    id: "listRuns",
    method: "GET",
    path: "/runs",
    tag: "Sync runs",
    summary: "Sync runs, the newest first",
    cli: "runs",
    scope: "read",
    permission: "runs:read",
    query: pageQuery
      .extend({
        connection: z.uuid().optional(),
        type: z.enum(syncTypes).optional(),
        status: z.enum(runStatuses).optional(),
      })
      .strict(),
    success: { status: 200, description: "A page of runs", schema: pageOf(run) },
    run: async ({ inTenant, tenantId }, { query: { connection, type, status, limit, cursor } }) => {
      const before = decodeCursor(idPlace, cursor)?.[0];
      const rows = await inTenant((tx) =>
        listRunsById(tx, tenantId, { connectionId: connection, type, status }, { before, limit: limit + 1 }),
      );
      return { body: page(rows, limit, toRun, ({ id }) => [id]) };
    },
  }),
  operation({
    id: "getRun",
    method: "GET",
    path: "/runs/{runId}",
    tag: "Sync runs",
    summary: "One sync run",
    description: "Ask again until `endedAt` is not null to follow it; an unchanged run is answered 304.",
    scope: "read",
    permission: "runs:read",
    params: runParams,
    success: { status: 200, description: "The run", schema: run },
    run: (context, { params: { runId } }) => readRun(context, runId),
  }),
  operation({
    id: "startSync",
    method: "POST",
    path: "/connections/{connectionId}/runs",
    tag: "Sync runs",
    summary: "Start a sync",
    description:
      "If a sync of this kind is under way, that run is the answer. A full sync can carry out a dry run: its results say how far it differs from the plan.",
    cli: 'sync full --connection "$CONNECTION_ID"',
    scope: "sync",
    permission: "syncs:run",
    params: connectionParams,
    body: syncBody,
    example: { type: "full" },
    success: {
      status: 202,
      description: "The run, which goes on in the background",
      schema: run
        .extend({ joined: z.boolean().meta({ description: "Whether it was under way already." }) })
        .meta({ id: "StartedRun" }),
    },
    run: async (context, { params: { connectionId }, body }) => {
      const outcome = await start(context, connectionId, body);
      switch (outcome.state) {
        case "queued":
        case "joined":
          return { body: { ...toRun(outcome.run), joined: outcome.state === "joined" } };
        case "unknown_integration":
          throw noSuch("connection");
        case "disconnected":
          throw new ApiProblem("conflict", "This account is disconnected. Connect it again first.");
        case "unknown_run":
          throw noDryRun(`There is no dry run ${body.appliesRunId} of this connection.`);
        case "not_ready":
          throw new ApiProblem("conflict", "This dry run has not completed.");
        case "busy":
          throw new ApiProblem(
            "conflict",
            `A full sync is under way already (${outcome.runId}); it does not follow the plan.`,
          );
      }
    },
  }),
  operation({
    id: "cancelRun",
    method: "POST",
    path: "/runs/{runId}/cancel",
    tag: "Sync runs",
    summary: "Cancel a sync run",
    description: "A run at work ends at its next page: its `status` says when it has.",
    cli: "runs cancel $RUN_ID",
    scope: "sync",
    permission: "syncs:run",
    params: runParams,
    success: { status: 202, description: "The run as it is now", schema: run },
    run: async (context, { params: { runId } }) => {
      const { app, tenantId, inTenant, audit } = context;
      const outcome = await cancelSync(app.sync, { tenantId, runId });
      switch (outcome.state) {
        case "unknown_run":
          throw noSuch("run");
        case "already_ended":
          throw new ApiProblem("conflict", `The run has ended already: ${outcome.run.status}.`);
        case "cancelling":
        case "cancelled":
          await inTenant((tx) => audit(tx, { action: "run.cancelled", targetType: "run", targetId: runId }));
          return readRun(context, runId);
      }
    },
  }),
];
