import { withTenant, type Db } from "@db/client";
import { namesOfOwners } from "@db/queries/clients/client-parts";
import { listUndoChanges, sumUndo, type UndoChange } from "@db/queries/sync-runs/undo-run";
import { ownerFields } from "@domain/asset-history";
import type { RunRef } from "@domain/refs";
import { changeText } from "~/features/asset-history/change-labels";

const CHANGES_SHOWN = 200;

/** What undoing a run would do now: its totals, and the first changes as text for people. Three statements. */
export async function readUndoPreview(db: Db, ref: RunRef) {
  return withTenant(db, ref.tenantId, async (tx) => {
    const sums = await sumUndo(tx, ref);
    const rows = await listUndoChanges(tx, ref, CHANGES_SHOWN);
    const owners = await namesOfOwners(tx, ref.tenantId, rows.flatMap(ownerIds));
    const changes = rows.map(({ before, after, ...row }) => ({
      ...row,
      before: changeText(row.field, before, owners),
      after: changeText(row.field, after, owners),
    }));
    return { sums, changes, isCut: rows.length === CHANGES_SHOWN };
  });
}

const ownerIds = ({ field, before, after }: UndoChange): string[] =>
  ownerFields.includes(field) ? [before, after].filter((id): id is string => typeof id === "string") : [];

export type UndoPreview = Awaited<ReturnType<typeof readUndoPreview>>;
