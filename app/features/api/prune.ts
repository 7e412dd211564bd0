import { pruneIdempotencyKeys } from "@db/queries/api/idempotency";
import { inBatches } from "~/platform/in-batches";
import type { SyncDeps } from "~/platform/ports";

const AT_ONCE = 10_000;

/** Milliseconds that the answer to a POST is kept: a program that has not repeated the request by then will not. */
const KEPT_MS = 24 * 60 * 60_000;

/**
 * Removes answers to POSTs that are older than a day.
 * @returns how many
 */
export const pruneOldAnswers = ({
  db,
  clock,
  log,
}: Pick<SyncDeps, "db" | "clock" | "log">): Promise<number> =>
  inBatches(log, AT_ONCE, (batch) => pruneIdempotencyKeys(db, new Date(clock().getTime() - KEPT_MS), batch));
