import { withTenant } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { deleteIgnored, findFailedRecord, insertIgnored } from "@db/queries/sync-runs/ignored-records";
import type { Actor } from "@domain/actor";
import type { SyncDeps } from "~/platform/ports";

type Deps = Pick<SyncDeps, "db">;

export type IgnoreOutcome =
  /** `already`: the record was ignored before, and keeps its earlier note. */
  { state: "ignored" | "already" } | { state: "unknown_record" };

/** Ignores a record that could not be stored, until its content changes. */
export const ignoreRecord = (
  { db }: Deps,
  { tenantId, runId, issueId }: { tenantId: string; runId: string; issueId: string },
  note: string,
  actor: Actor,
): Promise<IgnoreOutcome> =>
  withTenant(db, tenantId, async (tx): Promise<IgnoreOutcome> => {
    const record = await findFailedRecord(tx, tenantId, { runId, issueId });
    if (record === undefined || record.fingerprint === null) return { state: "unknown_record" };
    const { fingerprint, ...rest } = record;
    const row = { ...rest, fingerprint, tenantId, note, actor: actor.name };
    if (!(await insertIgnored(tx, row))) return { state: "already" };
    await audit(tx, tenantId, actor, {
      action: "record.ignored",
      targetType: "integration",
      targetId: record.connectionId,
      details: { resource: record.resource, record: record.name ?? record.externalId, note },
    });
    return { state: "ignored" };
  });

/** Stops ignoring a record. "unknown_record" if it was not ignored. */
export const stopIgnoring = (
  { db }: Deps,
  ref: { tenantId: string; connectionId: string },
  id: string,
  actor: Actor,
): Promise<{ state: "stopped" | "unknown_record" }> =>
  withTenant(db, ref.tenantId, async (tx) => {
    const record = await deleteIgnored(tx, ref, id);
    if (record === undefined) return { state: "unknown_record" };
    await audit(tx, ref.tenantId, actor, {
      action: "record.unignored",
      targetType: "integration",
      targetId: ref.connectionId,
      details: { resource: record.resource, record: record.name ?? record.externalId, note: record.note },
    });
    return { state: "stopped" };
  });
