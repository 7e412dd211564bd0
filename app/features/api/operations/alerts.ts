import * as z from "zod";

import { alertStates, alertTimes, listAlertsById } from "@db/queries/alerts/alert-inbox";
import { alertSeverities, alertStatuses } from "@domain/alert-words";
import { acknowledgeAlert } from "~/features/alerts/acknowledge.server";

import { operation, type ApiContext } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { noSuch } from "../base/problem";
import { instantText, named, searchWords, toInstant, toInstantOrNull } from "../base/shapes";

const alert = z
  .object({
    id: z.uuid(),
    connectionId: z.uuid(),
    externalId: z.string().meta({ description: "Its id at the RMM." }),
    name: z.string(),
    description: z.string().nullable(),
    severity: z.enum(alertSeverities),
    status: z.enum(alertStatuses),
    asset: named.nullable(),
    client: named.nullable(),
    deviceHostname: z.string().nullable(),
    startedAt: instantText.nullable(),
    resolvedAt: instantText.nullable(),
    acknowledgedAt: instantText.nullable(),
    observedAt: instantText.meta({ description: "As of when this is known." }),
  })
  .meta({ id: "Alert" });

const alertParams = z.object({ alertId: z.uuid() });

type AlertRow = Awaited<ReturnType<typeof listAlertsById>>[number];

const toAlert = ({ alert: row, asset, client }: AlertRow): z.infer<typeof alert> => ({
  id: row.id,
  connectionId: row.connectionId,
  externalId: row.externalAlertId,
  name: row.name,
  description: row.description,
  severity: row.severity,
  status: row.status,
  asset,
  client,
  deviceHostname: row.deviceHostname,
  startedAt: toInstantOrNull(row.startedAt),
  resolvedAt: toInstantOrNull(row.resolvedAt),
  acknowledgedAt: toInstantOrNull(row.acknowledgedAt),
  observedAt: toInstant(row.observedAt),
});

const anyAlert = {
  state: "all",
  severity: undefined,
  clientId: undefined,
  assetId: undefined,
  time: "",
  text: undefined,
} as const;

async function readAlert({ app, inTenant, tenantId }: ApiContext, alertId: string) {
  const [row] = await inTenant((tx) =>
    listAlertsById(
      tx,
      tenantId,
      { filter: anyAlert, now: app.clock(), alertId },
      { before: undefined, limit: 1 },
    ),
  );
  if (row === undefined) throw noSuch("alert");
  return { body: toAlert(row) };
}

const decide = (id: string, verb: "acknowledge" | "reopen", summary: string) =>
  operation({
    id,
    method: "POST",
    path: `/alerts/{alertId}/${verb}`,
    tag: "Alerts",
    summary,
    description: "The RMM is not told. Nothing changes if it was so already.",
    scope: "write",
    permission: "alerts:write",
    params: alertParams,
    success: { status: 200, description: "The alert as it is now", schema: alert },
    run: async (context, { params: { alertId } }) => {
      const { app, tenantId, actor } = context;
      const outcome = await acknowledgeAlert(app.sync, { tenantId, alertId }, verb === "acknowledge", actor);
      switch (outcome.state) {
        case "unknown_alert":
          throw noSuch("alert");
        case "done":
        case "unchanged":
          return readAlert(context, alertId);
      }
    },
  });

export const alertOperations = [
  operation({
    id: "listAlerts",
    method: "GET",
    path: "/alerts",
    tag: "Alerts",
    summary: "Alerts, the newest first",
    scope: "read",
    permission: "alerts:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the name, the description, the device or the asset." }),
        state: z
          .enum(alertStates)
          .default("open")
          .meta({ description: "`open`: active and not acknowledged." }),
        severity: z.enum(alertSeverities).optional(),
        client: z.union([z.uuid(), z.literal("none")]).optional(),
        asset: z.uuid().optional(),
        within: z
          .enum(alertTimes)
          .exclude([""])
          .optional()
          .meta({ description: "Began in the last day, week or month." }),
      })
      .strict(),
    success: { status: 200, description: "A page of alerts", schema: pageOf(alert) },
    run: async ({ app, inTenant, tenantId }, { query }) => {
      const { q, state, severity, client, asset, within, limit, cursor } = query;
      const before = decodeCursor(idPlace, cursor)?.[0];
      const filter = {
        text: q,
        state,
        severity,
        clientId: client,
        assetId: asset,
        time: within ?? "",
      } as const;
      const rows = await inTenant((tx) =>
        listAlertsById(tx, tenantId, { filter, now: app.clock() }, { before, limit: limit + 1 }),
      );
      return { body: page(rows, limit, toAlert, (row) => [row.alert.id]) };
    },
  }),
  operation({
    id: "getAlert",
    method: "GET",
    path: "/alerts/{alertId}",
    tag: "Alerts",
    summary: "One alert",
    scope: "read",
    permission: "alerts:read",
    params: alertParams,
    success: { status: 200, description: "The alert", schema: alert },
    run: (context, { params: { alertId } }) => readAlert(context, alertId),
  }),
  decide("acknowledgeAlert", "acknowledge", "Note that somebody has seen an alert"),
  decide("reopenAlert", "reopen", "Remove an acknowledgement"),
];
