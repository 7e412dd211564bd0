import { withTenant, type Db } from "@db/client";
import { namesOfClients } from "@db/queries/clients/clients";
import { listUndoChanges, sumUndo, type UndoChange } from "@db/queries/sync-runs/undo-run";
import type { RunRef } from "@domain/refs";
import { changeText } from "~/features/asset-history/change-labels";

const CHANGES_SHOWN = 200;

/** What an undo of a run would do now: its sums, and the first changes as people read them. Three statements. */
export async function readUndoPreview(db: Db, ref: RunRef) {
  return withTenant(db, ref.tenantId, async (tx) => {
    const sums = await sumUndo(tx, ref);
    const rows = await listUndoChanges(tx, ref, CHANGES_SHOWN);
    const clients = await namesOfClients(tx, ref.tenantId, rows.flatMap(clientIds));
    const changes = rows.map(({ before, after, ...row }) => ({
      ...row,
      before: changeText(row.field, before, clients),
      after: changeText(row.field, after, clients),
    }));
    return { sums, changes, isCut: rows.length === CHANGES_SHOWN };
  });
}

const clientIds = ({ field, before, after }: UndoChange): string[] =>
  field === "client" ? [before, after].filter((id): id is string => typeof id === "string") : [];

export type UndoPreview = Awaited<ReturnType<typeof readUndoPreview>>;
