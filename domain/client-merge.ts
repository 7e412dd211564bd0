import { DAY_MS } from "./durations";

/** How many days a merge of two clients can be undone. */
export const MERGE_UNDO_DAYS = 7;

/** Merges made at this moment or before it can no longer be undone. */
export const mergesUndoableSince = (now: Date): Date => new Date(now.getTime() - MERGE_UNDO_DAYS * DAY_MS);

/** The instant until which a merge of clients can be undone. */
export const mergeUndoableUntil = (mergedAt: Date): Date =>
  new Date(mergedAt.getTime() + MERGE_UNDO_DAYS * DAY_MS);
