import * as z from "zod";

import {
  incidentKeys,
  incidentScope,
  incidentViews,
  listIncidents,
  type IncidentRow,
} from "@db/queries/incidents/incident-inbox";
import type { IncidentAct } from "@db/queries/incidents/change-incidents";
import { getIncident } from "@db/queries/incidents/incident-page";
import { alertSeverities, alertStatuses } from "@domain/alert-words";
import { HOUR_MS } from "@domain/durations";
import { incidentKinds } from "@domain/incident-storms";
import { incidentStates } from "@domain/incidents";
import { shownVersion } from "@domain/shown-version";
import { actOnIncidents, commentOnIncident } from "~/features/incidents/change-incidents.server";
import { incidentComment } from "~/features/incidents/comment.server";
import { readIncident } from "~/features/incidents/incidents.page.server";
import { incidentTitle } from "~/features/incidents/labels";

import { operation, type ApiContext } from "../base/operation";
import { keyPage, keyPlace, pageOf, pageQuery } from "../base/paging";
import { noSuch, stale } from "../base/problem";
import {
  clientFilter,
  clientOf,
  instantText,
  named,
  searchWords,
  toInstant,
  toInstantOrNull,
} from "../base/shapes";

/** The longest snooze, as on the page: a week. */
const MAX_SNOOZE_HOURS = 168;

const incident = z
  .object({
    id: z.uuid(),
    kind: z
      .enum(incidentKinds)
      .meta({ description: "A storm stands for many incidents of a client or of the whole connection." }),
    title: z.string(),
    state: z.enum(incidentStates),
    severity: z.enum(alertSeverities),
    client: named.nullable(),
    owner: z.string().nullable().meta({ description: "Who has taken it." }),
    device: z.string().nullable().meta({ description: "One of its devices." }),
    devices: z.int(),
    alerts: z.int(),
    activeAlerts: z.int(),
    openedAt: instantText,
    lastAlertAt: instantText,
    snoozedUntil: instantText.nullable(),
    resolvedAt: instantText.nullable(),
  })
  .meta({ id: "Incident" });

const incidentDetail = incident
  .extend({
    connection: z.string(),
    acknowledgedAt: instantText.nullable(),
    acknowledgedBy: z.string().nullable(),
    mergedIntoId: z.uuid().nullable().meta({ description: "The incident that its alerts went to." }),
    stormId: z.uuid().nullable(),
    timeline: z
      .array(
        z.object({
          at: instantText,
          kind: z.string(),
          actor: z.string().nullable(),
          text: z.string().nullable(),
          details: z.record(z.string(), z.unknown()),
        }),
      )
      .meta({ description: "The newest first, 200 at most." }),
    alertList: z
      .array(
        z.object({
          id: z.uuid(),
          name: z.string(),
          severity: z.enum(alertSeverities),
          status: z.enum(alertStatuses),
          asset: named.nullable(),
          deviceHostname: z.string().nullable(),
          startedAt: instantText.nullable(),
          resolvedAt: instantText.nullable(),
        }),
      )
      .meta({ description: "Active ones first, 200 at most." }),
  })
  .meta({ id: "IncidentDetail" });

const incidentParams = z.object({ incidentId: z.uuid() });

const toIncident = (row: Omit<IncidentRow, "keys">): z.infer<typeof incident> => ({
  id: row.id,
  kind: row.kind,
  title: incidentTitle(row),
  state: row.state,
  severity: row.severity,
  client: clientOf(row),
  owner: row.owner,
  device: row.device,
  devices: row.devices,
  alerts: row.alerts,
  activeAlerts: row.activeAlerts,
  openedAt: toInstant(row.openedAt),
  lastAlertAt: toInstant(row.lastAlertAt),
  snoozedUntil: toInstantOrNull(row.snoozedUntil),
  resolvedAt: toInstantOrNull(row.resolvedAt),
});

/** The version of what people and alerts change; comments do not change it. */
const versionOf = ({ state, snoozedUntil, owner, activeAlerts, alerts }: Omit<IncidentRow, "keys">): string =>
  [state, snoozedUntil?.getTime() ?? 0, alerts, activeAlerts, shownVersion({ owner })].join(".");

async function readDetail({ app, tenantId }: ApiContext, incidentId: string) {
  const found = await readIncident(app.db, tenantId, incidentId);
  if (found === null) throw noSuch("incident");
  const { incident: row, entries, alerts } = found;
  const body: z.infer<typeof incidentDetail> = {
    ...toIncident(row),
    connection: row.integration,
    acknowledgedAt: toInstantOrNull(row.acknowledgedAt),
    acknowledgedBy: row.acknowledgedBy,
    mergedIntoId: row.mergedIntoId,
    stormId: row.stormId,
    timeline: entries.map(({ at, kind, actor, text, details }) => ({
      at: toInstant(at),
      kind,
      actor,
      text,
      details: details as Record<string, unknown>,
    })),
    alertList: alerts.map((one) => ({
      id: one.id,
      name: one.name,
      severity: one.severity,
      status: one.status,
      asset: one.assetId === null ? null : { id: one.assetId, name: one.asset ?? "" },
      deviceHostname: one.deviceHostname,
      startedAt: toInstantOrNull(one.startedAt),
      resolvedAt: toInstantOrNull(one.resolvedAt),
    })),
  };
  return { body, version: versionOf(row) };
}

const common = {
  method: "POST",
  tag: "Incidents",
  scope: "write",
  permission: "alerts:write",
  params: incidentParams,
  success: { status: 200, description: "The incident as it is now", schema: incidentDetail },
} as const;

/** Acts on an incident and returns it, unless the caller saw another version. */
async function act(context: ApiContext, incidentId: string, what: IncidentAct) {
  const { app, tenantId, actor, ifMatch } = context;
  let isStale = false;
  const isAsSeen: Parameters<typeof actOnIncidents>[1]["isAsSeen"] = async (tx) => {
    if (ifMatch === undefined) return true;
    const row = await getIncident(tx, tenantId, incidentId);
    isStale = row !== undefined && versionOf(row) !== ifMatch;
    return !isStale;
  };
  await actOnIncidents(app.sync, { tenantId, ids: [incidentId], isAsSeen }, what, actor);
  if (isStale) throw stale("incident");
  return readDetail(context, incidentId);
}

const acts = [
  ["acknowledgeIncident", "acknowledge", "acknowledged", "Acknowledge an incident, and its active alerts"],
  ["reopenIncident", "reopen", "reopened", "Open an incident again"],
  ["ownIncident", "own", "owned", "Take an incident: the owner of the token is its owner then"],
  ["disownIncident", "disown", "disowned", "Give an incident up"],
  ["resolveIncident", "resolve", "resolved", "Resolve an incident here, whatever its alerts say"],
] as const;

export const incidentOperations = [
  operation({
    id: "listIncidents",
    method: "GET",
    path: "/incidents",
    tag: "Incidents",
    summary: "Incidents: what is to be worked on by severity, what includes the past by age",
    scope: "read",
    permission: "alerts:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the name, a device or the client." }),
        state: z
          .enum(incidentViews)
          .default("active")
          .meta({ description: "`active`: open or acknowledged." }),
        severity: z.enum(alertSeverities).optional(),
        client: clientFilter,
        asset: z.uuid().optional(),
        owner: z.union([z.uuid(), z.enum(["me", "none"])]).optional(),
      })
      .strict(),
    success: { status: 200, description: "A page of incidents", schema: pageOf(incident) },
    run: async ({ inTenant, tenantId, user }, { query }) => {
      const { q, state, severity, client, asset, owner, limit, cursor } = query;
      const scope = incidentScope(state);
      const slice = { after: keyPlace(cursor, scope, incidentKeys(state)), limit: limit + 1 };
      const filter = {
        view: state,
        severity,
        clientId: client,
        assetId: asset,
        ownerId: owner === "me" ? user.id : owner,
        text: q,
      };
      const rows = await inTenant((tx) => listIncidents(tx, tenantId, filter, slice));
      return { body: keyPage(rows, { limit, scope }, toIncident) };
    },
  }),
  operation({
    id: "getIncident",
    method: "GET",
    path: "/incidents/{incidentId}",
    tag: "Incidents",
    summary: "One incident with its alerts and its timeline",
    scope: "read",
    permission: "alerts:read",
    params: incidentParams,
    success: { status: 200, description: "The incident", schema: incidentDetail },
    run: (context, { params: { incidentId } }) => readDetail(context, incidentId),
  }),
  ...acts.map(([id, verb, kind, summary]) =>
    operation({
      ...common,
      id,
      path: `/incidents/{incidentId}/${verb}`,
      summary,
      description: "The RMM is not told. Nothing changes if it was so already.",
      isVersioned: true,
      run: (context, { params: { incidentId } }) => act(context, incidentId, { kind }),
    }),
  ),
  operation({
    ...common,
    id: "snoozeIncident",
    path: "/incidents/{incidentId}/snooze",
    summary: "Snooze an incident until a time",
    isVersioned: true,
    body: z.strictObject({ hours: z.number().positive().max(MAX_SNOOZE_HOURS) }),
    example: { hours: 4 },
    run: (context, { params: { incidentId }, body: { hours } }) => {
      const until = new Date(context.app.clock().getTime() + hours * HOUR_MS);
      return act(context, incidentId, { kind: "snoozed", until });
    },
  }),
  operation({
    ...common,
    id: "commentOnIncident",
    path: "/incidents/{incidentId}/comments",
    summary: "Write into the timeline of an incident",
    body: z.strictObject({ text: incidentComment }),
    example: { text: "Called them" },
    success: { ...common.success, status: 201 },
    run: async (context, { params: { incidentId }, body: { text } }) => {
      const { app, tenantId, actor } = context;
      if (!(await commentOnIncident(app.sync, { tenantId, incidentId, text }, actor)))
        throw noSuch("incident");
      return readDetail(context, incidentId);
    },
  }),
];
