import { withTenant, type Db, type TenantDb } from "@db/client";
import { listAssetNames } from "@db/queries/assets/assets";
import { getConditionDevice } from "@db/queries/incidents/device-alerts";
import {
  getTimeZone,
  getWindow,
  listActiveWindows,
  listWindows,
  type WindowRow,
  type WindowWrite,
} from "@db/queries/maintenance/windows";
import { meetsDevice } from "@domain/alert-conditions";
import { coverOf, nextOccurrence, occurrencesBetween, type WindowSpan } from "@domain/maintenance-windows";
import { timesText } from "@domain/repeat";
import { conditionsText } from "~/features/alert-conditions/condition-words";
import { readConditionChoices } from "~/features/alert-conditions/conditions.server";
import { namesOf, previewOf, readPreviewSubjects } from "~/features/alert-conditions/preview.server";

import { newWindowValues, windowValues } from "./window-form.server";

/** The windows, each with its next time, and the time zone that they use. A constant number of statements. */
export const readWindows = (db: Db, tenantId: string, now: Date) =>
  withTenant(db, tenantId, async (tx) => {
    const timeZone = await getTimeZone(tx, tenantId);
    const rows = await listWindows(tx, tenantId);
    const { clients, groups } = await readConditionChoices(tx, tenantId);
    const devices = await listAssetNames(
      tx,
      tenantId,
      rows.flatMap(({ conditions }) => conditions.assetIds),
    );
    const names = { clients: namesOf(clients), groups: namesOf(groups), assets: namesOf(devices) };
    const windows = rows.map((row) => ({
      id: row.id,
      name: row.name,
      times: timesText(row),
      about: conditionsText(row.conditions, names),
      suppressesNotices: row.suppressesNotices,
      suppressesTickets: row.suppressesTickets,
      isPaused: row.pausedAt !== null,
      ...shownOccurrence(nextOccurrence(row, timeZone, now.getTime()), now),
    }));
    return { timeZone, windows };
  });

export type Windows = Awaited<ReturnType<typeof readWindows>>;

const shownOccurrence = (next: WindowSpan | null, now: Date) => ({
  isRunning: next !== null && next.startMs <= now.getTime(),
  startsAt: next === null ? null : new Date(next.startMs),
  endsAt: next === null ? null : new Date(next.endMs),
});

/**
 * The data of a window's form; null if there is no such window.
 * @param windowId undefined for a new window
 */
export const readWindowForm = (
  db: Db,
  tenantId: string,
  windowId: string | undefined,
  { assetId, now }: { assetId?: string | undefined; now: Date },
) =>
  withTenant(db, tenantId, async (tx) => {
    const timeZone = await getTimeZone(tx, tenantId);
    const row = windowId === undefined ? undefined : await getWindow(tx, tenantId, windowId);
    if (windowId !== undefined && row === undefined) return null;
    return {
      timeZone,
      choices: await readConditionChoices(tx, tenantId),
      values:
        row === undefined
          ? await newWindowValues(tx, tenantId, { assetId, timeZone, now })
          : await windowValues(tx, tenantId, row),
      isPaused: row !== undefined && row.pausedAt !== null,
    };
  });

/**
 * The incidents that a window would have suppressed in the last 30 days. A window without a repetition counts as open
 * all the time, because its own time may be still to come.
 */
export async function previewWindow(
  tx: TenantDb,
  tenantId: string,
  { conditions, suppressesNotices, suppressesTickets, ...times }: WindowWrite,
  now: Date,
) {
  const { since, subjects } = await readPreviewSubjects(tx, tenantId, now);
  const rule = times.rule ?? null;
  const stretch = { fromMs: since.getTime(), toMs: now.getTime() };
  const occurrences =
    rule === null
      ? [{ startMs: 0, endMs: Infinity }]
      : occurrencesBetween({ ...times, rule }, await getTimeZone(tx, tenantId), stretch, true);
  const window = { windowId: "", conditions, suppressesNotices, suppressesTickets, occurrences };
  const found = subjects.filter((subject) => {
    // Ignores whether the devices are in the RMM's own maintenance, because the preview is about this window alone.
    const devices = subject.devices.map((one) => ({ ...one, isActive: false, isFlagged: false }));
    return coverOf([window], subject, devices, subject.openedMs) !== null;
  });
  return { isOnce: rule === null, ...(await previewOf(tx, tenantId, subjects, found)) };
}

export type WindowPreview = Awaited<ReturnType<typeof previewWindow>>;

/**
 * The windows that cover an asset now, whatever its alerts are. One statement if the tenant has no windows, otherwise
 * at most three.
 */
export async function readMaintenanceOf(db: Db, tenantId: string, assetId: string, now: Date) {
  return withTenant(db, tenantId, async (tx) => {
    const windows = await listActiveWindows(tx, tenantId);
    if (windows.length === 0) return [];
    const timeZone = await getTimeZone(tx, tenantId);
    const running = windows.flatMap((window) => {
      const occurrence = runningNow(window, timeZone, now);
      return occurrence === undefined ? [] : { window, occurrence };
    });
    if (running.length === 0) return [];
    const device = await getConditionDevice(tx, tenantId, assetId);
    if (device === undefined) return [];
    return running
      .filter(({ window }) => meetsDevice(window.conditions, device.clientId, device))
      .map(({ window, occurrence }) => ({
        id: window.id,
        name: window.name,
        pattern: window.conditions.name,
        until: new Date(occurrence.endMs),
      }));
  });
}

const runningNow = (window: WindowRow, timeZone: string, now: Date): WindowSpan | undefined =>
  occurrencesBetween(window, timeZone, { fromMs: now.getTime(), toMs: now.getTime() })[0];
