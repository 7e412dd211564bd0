import * as z from "zod";

import { readFreshness } from "@db/queries/overview/freshness";
import { FRESHNESS_DAYS } from "@domain/freshness";

import { operation } from "../base/operation";
import { named } from "../base/shapes";

const share = z.number().min(0).max(1).meta({
  description:
    "The part of the device time that a full sync had confirmed as often as the schedule promises.",
});

export const freshnessOperations = [
  operation({
    id: "getFreshness",
    method: "GET",
    path: "/freshness",
    tag: "Connections",
    summary: `How fresh the data was over the last ${FRESHNESS_DAYS} days`,
    scope: "read",
    permission: "runs:read",
    success: {
      status: 200,
      description: "In all, by day and by client",
      schema: z
        .object({
          share: share.nullable().meta({ description: "In all; null before anything was measured." }),
          days: z.array(z.object({ day: z.iso.date(), share })),
          clients: z.array(z.object({ client: named, share })).meta({ description: "The worst first." }),
        })
        .meta({ id: "Freshness" }),
    },
    run: async ({ app, inTenant, tenantId }) => {
      const rows = await inTenant((tx) => readFreshness(tx, tenantId, app.clock()));
      const isAll = ({ day, clientId }: (typeof rows)[number]) => day === null && clientId === null;
      return {
        body: {
          share: rows.find(isAll)?.share ?? null,
          days: rows.flatMap(({ day, share }) => (day === null ? [] : [{ day, share }])),
          clients: rows.flatMap(({ clientId, client, share }) =>
            clientId === null ? [] : [{ client: { id: clientId, name: client ?? "" }, share }],
          ),
        },
      };
    },
  }),
];
