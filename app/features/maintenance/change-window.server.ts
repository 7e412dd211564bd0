import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { lockIncidents } from "@db/queries/incidents/formation";
import { lookAgainAt } from "@db/queries/incidents/maintenance";
import {
  deleteWindow,
  getTimeZone,
  insertWindow,
  lockWindow,
  setTimeZone,
  updateWindow,
  type WindowRow,
  type WindowWrite,
} from "@db/queries/maintenance/windows";
import type { Actor } from "@domain/actor";
import type { AuditAction } from "@domain/audit-actions";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

type Deps = Pick<SyncDeps, "db" | "clock" | "nudge">;

interface WindowRef {
  tenantId: string;
  windowId: string;
  /** Called with the locked row; if it returns false, nothing is written. */
  isAsSeen?: (row: WindowRow) => boolean;
}

export type Altered = "changed" | "unknown" | "stale";

/**
 * Creates a window.
 * @returns the window's id; null if the tenant already has the most windows allowed
 */
export const createWindow = (
  deps: Deps,
  tenantId: string,
  write: WindowWrite,
  actor: Actor,
): Promise<string | null> =>
  inTransaction(deps, tenantId, async (tx) => {
    const windowId = await insertWindow(tx, tenantId, { ...write, createdBy: actor.userId });
    if (windowId !== null) await note(tx, { tenantId, windowId }, actor, "maintenance.created", write.name);
    return windowId;
  });

/**
 * Changes a window. The next pass checks again the incidents that it covers, so that those it no longer covers send
 * notices.
 */
export const changeWindow = (
  deps: Deps,
  ref: WindowRef,
  write: WindowWrite,
  actor: Actor,
): Promise<Altered> =>
  alter(deps, ref, write, async (tx, before) => {
    const details = Object.fromEntries(
      Object.entries(write)
        .filter(([field, to]) => JSON.stringify(to) !== JSON.stringify(before[field as keyof WindowRow]))
        .map(([field, to]) => [field, { from: before[field as keyof WindowRow], to }]),
    );
    if (Object.keys(details).length > 0)
      await note(tx, ref, actor, "maintenance.changed", write.name, details);
  });

/** Pauses or resumes a window. */
export const pauseWindow = (deps: Deps, ref: WindowRef, isPaused: boolean, actor: Actor): Promise<Altered> =>
  alter(deps, ref, { pausedAt: isPaused ? deps.clock() : null }, async (tx, before) => {
    if ((before.pausedAt !== null) !== isPaused)
      await note(tx, ref, actor, isPaused ? "maintenance.paused" : "maintenance.resumed", before.name);
  });

const alter = (
  deps: Deps,
  ref: WindowRef,
  write: Partial<WindowWrite>,
  note: (tx: TenantDb, before: WindowRow) => Promise<void>,
): Promise<Altered> =>
  onLocked(deps, ref, async (tx, before) => {
    const now = deps.clock();
    await updateWindow(tx, ref.tenantId, ref.windowId, write, now);
    await lookAgainAt(tx, ref.tenantId, ref.windowId, now);
    await note(tx, before);
  });

/** Deletes a window, and has the next pass check again the alerts that it covered. */
export const removeWindow = (deps: Deps, ref: WindowRef, actor: Actor): Promise<Altered> =>
  onLocked(deps, ref, async (tx, before) => {
    const { tenantId, windowId } = ref;
    await lookAgainAt(tx, tenantId, windowId, deps.clock());
    await deleteWindow(tx, tenantId, windowId);
    await note(tx, ref, actor, "maintenance.deleted", before.name);
  });

const onLocked = (
  deps: Deps,
  { tenantId, windowId, isAsSeen }: WindowRef,
  work: (tx: TenantDb, before: WindowRow) => Promise<void>,
): Promise<Altered> =>
  inTransaction(deps, tenantId, async (tx) => {
    await lockIncidents(tx, tenantId);
    const before = await lockWindow(tx, tenantId, windowId);
    if (before === undefined) return "unknown";
    if (isAsSeen?.(before) === false) return "stale";
    await work(tx, before);
    return "changed";
  });

/** Sets the time zone of windows and rules. Returns whether it changed anything. */
export const changeTimeZone = (
  deps: Deps,
  tenantId: string,
  timeZone: string,
  actor: Actor,
): Promise<boolean> =>
  inTransaction(deps, tenantId, async (tx) => {
    const from = await getTimeZone(tx, tenantId);
    if (from === timeZone) return false;
    await setTimeZone(tx, tenantId, timeZone);
    await audit(tx, tenantId, actor, {
      action: "time_zone.changed",
      targetType: "tenant",
      targetId: tenantId,
      details: { timeZone: { from, to: timeZone } },
    });
    return true;
  });

const note = (
  tx: TenantDb,
  { tenantId, windowId }: WindowRef,
  actor: Actor,
  action: AuditAction,
  name: string,
  details: Record<string, unknown> = {},
): Promise<void> =>
  audit(tx, tenantId, actor, {
    action,
    targetType: "maintenance",
    targetId: windowId,
    details: { name, ...details },
  });
