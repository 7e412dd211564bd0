import * as z from "zod";

import { countCoverage, coverageKeys, listCoverage } from "@db/queries/coverage/coverage";
import { coverageKinds } from "@domain/coverage";
import { coverageScope } from "~/features/coverage/coverage.page.server";

import { operation } from "../base/operation";
import { keyPage, keyPlace, pageOf, pageQuery } from "../base/paging";
import { flag, instantText, rawInstantOrNull, searchWords } from "../base/shapes";

const gap = z
  .object({
    id: z.uuid().meta({ description: "Of the asset, device, client or group." }),
    name: z.string(),
    reason: z.string().meta({ description: "Why it is a gap.", example: "no_agent" }),
    detail: z.string().nullable().meta({
      description: "The client of an asset, the group of a device, the connection of a group.",
    }),
    clientId: z.uuid().nullable(),
    connectionId: z.uuid().nullable(),
    note: z.string().nullable().meta({ description: "Of an ignored one: why." }),
    ignoredBy: z.string().nullable(),
    ignoredAt: instantText.nullable(),
  })
  .meta({ id: "Gap" });
const counts = z.object({ open: z.int(), ignored: z.int() });

export const coverageOperations = [
  operation({
    id: "countGaps",
    method: "GET",
    path: "/coverage",
    tag: "Coverage",
    summary: "How many gaps there are of each kind",
    scope: "read",
    permission: "assets:read",
    success: {
      status: 200,
      description: "The counts",
      schema: z
        .object({ assets: counts, devices: counts, clients: counts, groups: counts })
        .meta({ id: "GapCounts" }),
    },
    run: async ({ inTenant, tenantId }) => ({ body: await inTenant((tx) => countCoverage(tx, tenantId)) }),
  }),
  operation({
    id: "listGaps",
    method: "GET",
    path: "/coverage/{kind}",
    tag: "Coverage",
    summary:
      "Assets without an agent, devices without an asset, clients without devices, groups without a client",
    scope: "read",
    permission: "assets:read",
    params: z.object({ kind: z.enum(coverageKinds) }),
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the name or the detail." }),
        ignored: flag.default(false).meta({ description: "The ignored ones instead of the open ones." }),
      })
      .strict(),
    success: { status: 200, description: "A page of gaps, by name", schema: pageOf(gap) },
    run: async ({ inTenant, tenantId }, { params: { kind }, query: { q, ignored, limit, cursor } }) => {
      const scope = coverageScope(kind);
      const slice = { after: keyPlace(cursor, scope, coverageKeys), limit: limit + 1 };
      const filter = { kind, isIgnored: ignored, text: q };
      const rows = await inTenant((tx) => listCoverage(tx, tenantId, filter, slice));
      return {
        body: keyPage(rows, { limit, scope }, ({ keys: _, found: __, provider: ___, ...row }) => ({
          ...row,
          ignoredAt: rawInstantOrNull(row.ignoredAt),
        })),
      };
    },
  }),
];
