import * as z from "zod";

import { getIntegration, listIntegrations, type IntegrationRow } from "@db/queries/connections/connections";
import { listGroups, type GroupRow } from "@db/queries/device-sync/groups";
import { integrationStatuses, syncStatuses } from "@domain/connection-words";
import { readCallBudget } from "~/features/connections/call-budget.server";
import { readPromise } from "~/features/connections/freshness-promise.server";
import { changeSettings } from "~/features/connections/connection-settings.server";

import { noSuch } from "../base/problem";
import { operation } from "../base/operation";
import { pageOf } from "../base/paging";
import { instantText, named, toInstantOrNull } from "../base/shapes";

const connection = z
  .object({
    id: z.uuid(),
    provider: z.string().meta({ description: "The kind of RMM.", example: "levelio" }),
    name: z.string(),
    status: z.enum(integrationStatuses),
    statusReason: z
      .string()
      .nullable()
      .meta({ description: "What a person should do, if it needs attention." }),
    syncStatus: z.enum(syncStatuses),
    lastFullSyncAt: instantText.nullable(),
    lastAlertsSyncAt: instantText.nullable(),
    nextFullSyncAt: instantText.nullable(),
    pausedAt: instantText.nullable().meta({ description: "Since when its automatic syncs are paused." }),
    rulesStartAutomations: z
      .boolean()
      .meta({ description: "Rules may start automations of the account; off at first." }),
  })
  .meta({ id: "Connection" });

const counted = z.int().nonnegative();

const calls = z
  .object({
    connection: named,
    forecast: counted
      .nullable()
      .meta({ description: "Calls a day of its schedules; null before the first scheduled run of each." }),
    scheduledCalls: counted.meta({ description: "Of the last 24 hours, by schedule." }),
    otherCalls: counted.meta({ description: "Of the last 24 hours, of people, rules and webhooks." }),
    runs: counted.meta({ description: "Runs of the last 30 days." }),
    slowedRuns: counted.meta({ description: "Those of them that the RMM asked to slow down." }),
    rateLimits: counted.meta({ description: "How often it answered 429 in the last 30 days." }),
    lostMs: z.number().nonnegative().meta({ description: "Time that they lost with waiting for it." }),
    inFlight: counted.meta({ description: "Requests in flight now, of the process that answers." }),
    maxInFlight: counted,
  })
  .meta({ id: "ConnectionCalls" });

const freshnessPromise = z
  .object({
    connection: named,
    percent: z.int().nullable().meta({ description: "Of the devices; null where nothing is promised." }),
    hours: z.int().meta({ description: "Within which they are to be confirmed." }),
    brokenSince: instantText.nullable().meta({ description: "Null while the promise is kept." }),
    used: z.number().nonnegative().nullable().meta({
      description:
        "Used part of the misses that the last 30 days allow: 1 is all. Null before the first look.",
    }),
    days: z.array(
      z.object({
        day: z.iso.date(),
        kept: z.number().min(0).max(1).nullable().meta({
          description:
            "The share of the devices that was confirmed in time; null where nothing was recorded.",
        }),
      }),
    ),
  })
  .meta({ id: "FreshnessPromise" });

const group = z
  .object({
    id: z.uuid(),
    externalId: z.string().meta({ description: "Its id at the RMM." }),
    parentExternalId: z.string().nullable(),
    name: z.string(),
    path: z.string().meta({ example: "Customers / Acme / Berlin" }),
    state: z.enum(["mapped", "inherit", "excluded"]),
    clientId: z.uuid().nullable().meta({ description: "The client that it is mapped to." }),
    isGone: z.boolean().meta({ description: "The RMM no longer lists it." }),
  })
  .meta({ id: "Group" });

export const connectionParams = z.object({ connectionId: z.uuid() });

const toConnection = (row: IntegrationRow): z.infer<typeof connection> => ({
  id: row.id,
  provider: row.provider,
  name: row.label,
  status: row.status,
  statusReason: row.statusReason,
  syncStatus: row.syncStatus,
  lastFullSyncAt: toInstantOrNull(row.lastFullSyncAt),
  lastAlertsSyncAt: toInstantOrNull(row.lastAlertsSyncAt),
  nextFullSyncAt: toInstantOrNull(row.nextFullSyncAt),
  pausedAt: toInstantOrNull(row.pausedAt),
  rulesStartAutomations: row.rulesStartAutomations,
});

const toGroup = ({ goneAt, assignedMs: _assignedMs, ...row }: GroupRow): z.infer<typeof group> => ({
  ...row,
  isGone: goneAt !== null,
});

export const connectionOperations = [
  operation({
    id: "listConnections",
    method: "GET",
    path: "/connections",
    tag: "Connections",
    summary: "All connections to RMMs",
    scope: "read",
    permission: "integrations:read",
    success: { status: 200, description: "All of them: a company has few", schema: pageOf(connection) },
    run: async ({ inTenant, tenantId }) => {
      const rows = await inTenant((tx) => listIntegrations(tx, tenantId));
      return { body: { data: rows.map(toConnection), next: null } };
    },
  }),
  operation({
    id: "getConnection",
    method: "GET",
    path: "/connections/{connectionId}",
    tag: "Connections",
    summary: "One connection",
    scope: "read",
    permission: "integrations:read",
    params: connectionParams,
    success: { status: 200, description: "The connection", schema: connection },
    run: async ({ inTenant, tenantId }, { params: { connectionId } }) => {
      const row = await inTenant((tx) => getIntegration(tx, tenantId, connectionId));
      if (row === undefined) throw noSuch("connection");
      return { body: toConnection(row) };
    },
  }),
  operation({
    id: "setConnectionAutomations",
    method: "PUT",
    path: "/connections/{connectionId}/automations",
    tag: "Connections",
    summary: "Let rules start automations of a connection's account, or not",
    scope: "admin",
    permission: "automations:manage",
    params: connectionParams,
    body: z.strictObject({ rulesStartAutomations: z.boolean() }),
    example: { rulesStartAutomations: true },
    success: { status: 200, description: "The connection as it is now", schema: connection },
    run: async ({ app, inTenant, tenantId, actor }, { params: { connectionId }, body }) => {
      const outcome = await changeSettings(app.sync, { tenantId, connectionId }, body, actor);
      if (outcome.state === "unknown_integration") throw noSuch("connection");
      const row = await inTenant((tx) => getIntegration(tx, tenantId, connectionId));
      if (row === undefined) throw noSuch("connection");
      return { body: toConnection(row) };
    },
  }),
  operation({
    id: "getConnectionCalls",
    method: "GET",
    path: "/connections/{connectionId}/calls",
    tag: "Connections",
    summary: "How many calls a connection makes to the RMM",
    scope: "read",
    permission: "integrations:read",
    params: connectionParams,
    success: {
      status: 200,
      description: "As forecast, as counted, and what rate limits cost",
      schema: calls,
    },
    run: async ({ app, tenantId }, { params: { connectionId } }) => {
      const budget = await readCallBudget(app.sync, { tenantId, connectionId });
      if (budget === null) throw noSuch("connection");
      return { body: budget };
    },
  }),
  operation({
    id: "getConnectionFreshness",
    method: "GET",
    path: "/connections/{connectionId}/freshness",
    tag: "Connections",
    summary: "What a connection promises of its devices' freshness, and how it keeps it",
    scope: "read",
    permission: "integrations:read",
    params: connectionParams,
    success: { status: 200, description: "The promise and its last 30 days", schema: freshnessPromise },
    run: async ({ app, tenantId }, { params: { connectionId } }) => {
      const promise = await readPromise({ db: app.db, clock: app.clock }, { tenantId, connectionId });
      if (promise === null) throw noSuch("connection");
      const { connection: of, percent, hours, brokenSince, used, days } = promise;
      return {
        body: { connection: of, percent, hours, brokenSince: toInstantOrNull(brokenSince), used, days },
      };
    },
  }),
  operation({
    id: "listGroups",
    method: "GET",
    path: "/connections/{connectionId}/groups",
    tag: "Connections",
    summary: "The groups of a connection and the clients they are mapped to",
    scope: "read",
    permission: "integrations:read",
    params: connectionParams,
    success: { status: 200, description: "All groups, by path", schema: pageOf(group) },
    run: async ({ inTenant, tenantId }, { params: { connectionId } }) => {
      const rows = await inTenant(async (tx) =>
        (await getIntegration(tx, tenantId, connectionId)) === undefined
          ? null
          : listGroups(tx, tenantId, connectionId),
      );
      if (rows === null) throw noSuch("connection");
      return { body: { data: rows.map(toGroup), next: null } };
    },
  }),
];
