import * as z from "zod";

import { getTimeZone, getWindow, listWindows, type WindowRow } from "@db/queries/maintenance/windows";
import { nextOccurrence } from "@domain/maintenance-windows";
import { shownVersion } from "@domain/shown-version";
import {
  changeWindow,
  createWindow,
  pauseWindow,
  removeWindow,
  type Altered,
} from "~/features/maintenance/change-window.server";
import { parseWindow } from "~/features/maintenance/window-form.server";
import { previewWindow } from "~/features/maintenance/windows.page.server";

import { appendConditions, conditionsBody, conditionsShown, refuseErrors } from "../base/conditions";
import { operation, type ApiContext } from "../base/operation";
import { pageOf } from "../base/paging";
import { toTrial, trial } from "../base/preview";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { instantText, toInstant } from "../base/shapes";

const wallTime = z.string().max(16).meta({ example: "2026-11-28T22:00" });
const rule = z.string().max(1000).nullable().meta({
  description: "RRULE (RFC 5545) by which it comes again; null: once.",
  example: "FREQ=WEEKLY;BYDAY=SA",
});

const body = z.strictObject({
  name: z.string().max(1000),
  startsAt: wallTime.meta({ description: "The first time, on the clock of `timeZone`." }),
  endsAt: wallTime,
  rule: rule.default(null),
  suppressesNotices: z.boolean().default(true),
  suppressesTickets: z.boolean().default(true),
  conditions: conditionsBody.prefault({}),
});

const window = z
  .object({
    id: z.uuid(),
    name: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    timeZone: z.string().meta({ description: "The company's, by which all windows go." }),
    rule: z.string().nullable(),
    suppressesNotices: z.boolean(),
    suppressesTickets: z.boolean(),
    isPaused: z.boolean(),
    next: z
      .object({ startsAt: instantText, endsAt: instantText })
      .nullable()
      .meta({ description: "The one that lasts now, or the next within a year." }),
    conditions: conditionsShown,
  })
  .meta({ id: "MaintenanceWindow" });

const windowParams = z.object({ windowId: z.uuid() });
const removed = z.object({ id: z.uuid() });
const example = {
  name: "Patch night",
  startsAt: "2026-11-28T22:00",
  endsAt: "2026-11-29T02:00",
  rule: "FREQ=WEEKLY;BYDAY=SA",
  conditions: { clientIds: ["$CLIENT_ID"] },
};

function toWindow(row: WindowRow, timeZone: string, now: Date): z.infer<typeof window> {
  const next = nextOccurrence(row, timeZone, now.getTime());
  const { id, name, startsAt, endsAt, suppressesNotices, suppressesTickets, conditions } = row;
  return {
    ...{ id, name, startsAt, endsAt, timeZone, rule: row.rule, suppressesNotices, suppressesTickets },
    isPaused: row.pausedAt !== null,
    next:
      next === null
        ? null
        : { startsAt: toInstant(new Date(next.startMs)), endsAt: toInstant(new Date(next.endMs)) },
    conditions,
  };
}

/** The version of what people set. */
const versionOf = (row: WindowRow): string =>
  shownVersion({
    window: [row.name, row.startsAt, row.endsAt, row.rule, row.pausedAt !== null].concat([
      row.suppressesNotices,
      row.suppressesTickets,
      JSON.stringify(row.conditions),
    ]),
  });

async function readWindow({ app, inTenant, tenantId }: ApiContext, id: string) {
  const { row, timeZone } = await inTenant(async (tx) => ({
    row: await getWindow(tx, tenantId, id),
    timeZone: await getTimeZone(tx, tenantId),
  }));
  if (row === undefined) throw noSuch("window");
  return { body: toWindow(row, timeZone, app.clock()), version: versionOf(row) };
}

/**
 * Parses a body by the parser of the page's form.
 * @throws ApiProblem with the invalid fields
 */
async function writeOf({ inTenant, tenantId }: ApiContext, given: z.infer<typeof body>) {
  const form = new FormData();
  for (const name of ["name", "startsAt", "endsAt"] as const) form.set(name, given[name]);
  form.set("repeat", given.rule === null ? "never" : "custom");
  form.set("rule", given.rule ?? "");
  if (given.suppressesNotices) form.set("notices", "on");
  if (given.suppressesTickets) form.set("tickets", "on");
  appendConditions(form, given.conditions);
  const { errors, write } = await inTenant((tx) => parseWindow(tx, tenantId, form));
  refuseErrors(errors, { suppresses: "suppressesNotices", repeat: "rule", device: "conditions.assetIds" });
  return write;
}

/** A window, with the check that its version is the one that the caller saw. */
const refOf = ({ tenantId, ifMatch }: ApiContext, windowId: string) => ({
  tenantId,
  windowId,
  isAsSeen: (row: WindowRow) => ifMatch === undefined || versionOf(row) === ifMatch,
});

function ensureChanged(outcome: Altered): void {
  if (outcome === "unknown") throw noSuch("window");
  if (outcome === "stale") throw stale("window");
}

const shared = { tag: "Maintenance windows", permission: "alerts:write", scope: "write" } as const;
const reading = { tag: "Maintenance windows", permission: "alerts:read", scope: "read" } as const;
const shown = { status: 200, description: "The window as it is now", schema: window } as const;

const pausing = (id: string, word: "pause" | "resume", summary: string) =>
  operation({
    ...shared,
    id,
    method: "POST",
    path: `/maintenance-windows/{windowId}/${word}`,
    summary,
    isVersioned: true,
    params: windowParams,
    success: shown,
    run: async (context, { params: { windowId } }) => {
      const { app, actor } = context;
      ensureChanged(await pauseWindow(app.sync, refOf(context, windowId), word === "pause", actor));
      return readWindow(context, windowId);
    },
  });

export const maintenanceWindowOperations = [
  operation({
    ...reading,
    id: "listMaintenanceWindows",
    method: "GET",
    path: "/maintenance-windows",
    summary: "Maintenance windows, by name",
    success: { status: 200, description: "All of them", schema: pageOf(window) },
    run: async ({ app, inTenant, tenantId }) => {
      const now = app.clock();
      const { rows, timeZone } = await inTenant(async (tx) => ({
        rows: await listWindows(tx, tenantId),
        timeZone: await getTimeZone(tx, tenantId),
      }));
      return { body: { data: rows.map((row) => toWindow(row, timeZone, now)), next: null } };
    },
  }),
  operation({
    ...reading,
    id: "getMaintenanceWindow",
    method: "GET",
    path: "/maintenance-windows/{windowId}",
    summary: "One maintenance window",
    params: windowParams,
    success: { status: 200, description: "The window", schema: window },
    run: (context, { params: { windowId } }) => readWindow(context, windowId),
  }),
  operation({
    ...shared,
    id: "createMaintenanceWindow",
    method: "POST",
    path: "/maintenance-windows",
    summary: "Plan a maintenance window",
    body,
    example,
    success: { status: 201, description: "The new window", schema: window },
    run: async (context, input) => {
      const { app, tenantId, actor } = context;
      const id = await createWindow(app.sync, tenantId, await writeOf(context, input.body), actor);
      if (id === null)
        throw new ApiProblem("conflict", "There are 200 windows already. Delete those that are over.");
      return readWindow(context, id);
    },
  }),
  operation({
    ...reading,
    id: "previewMaintenanceWindow",
    method: "POST",
    path: "/maintenance-windows/preview",
    summary: "What a window would have suppressed in the last 30 days",
    description: "Writes nothing. As the preview of its page.",
    writesNothing: true,
    body,
    example,
    success: {
      status: 200,
      description: "What it would have matched",
      schema: trial.meta({ id: "WindowTrial" }),
    },
    run: async (context, input) => {
      const { app, inTenant, tenantId } = context;
      const write = await writeOf(context, input.body);
      return { body: toTrial(await inTenant((tx) => previewWindow(tx, tenantId, write, app.clock()))) };
    },
  }),
  operation({
    ...shared,
    id: "putMaintenanceWindow",
    method: "PUT",
    path: "/maintenance-windows/{windowId}",
    summary: "Make a window what the body says",
    description: "What it covered and covers no longer is told.",
    isVersioned: true,
    params: windowParams,
    body,
    example,
    success: shown,
    run: async (context, { params: { windowId }, body: given }) => {
      const write = await writeOf(context, given);
      ensureChanged(await changeWindow(context.app.sync, refOf(context, windowId), write, context.actor));
      return readWindow(context, windowId);
    },
  }),
  pausing("pauseMaintenanceWindow", "pause", "Pause a window: it suppresses nothing"),
  pausing("resumeMaintenanceWindow", "resume", "Let a paused window go on"),
  operation({
    ...shared,
    id: "deleteMaintenanceWindow",
    method: "DELETE",
    path: "/maintenance-windows/{windowId}",
    summary: "Delete a window",
    isVersioned: true,
    params: windowParams,
    success: { status: 200, description: "The window that was", schema: removed },
    run: async (context, { params: { windowId } }) => {
      ensureChanged(await removeWindow(context.app.sync, refOf(context, windowId), context.actor));
      return { body: { id: windowId } };
    },
  }),
];
