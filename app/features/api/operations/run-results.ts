import * as z from "zod";

import { listAssetChanges } from "@db/queries/assets/asset-changes";
import { listIssues } from "@db/queries/sync-runs/run-issues";
import { getRun } from "@db/queries/sync-runs/runs";
import { syncResources } from "@domain/sync-words";

import { operation } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { noSuch } from "../base/problem";
import { named } from "../base/shapes";
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

export const runResultOperations = [
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
