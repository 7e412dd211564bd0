import { listDueReadings } from "@db/queries/custom-fields/readings";
import type { ConnectionRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

/** Connections in one round: with 20 s for each, a round takes 7 minutes at most, and the others are first in the next. */
const CONNECTIONS_A_ROUND = 20;

/** The connections whose custom fields are to be read on, those that wait longest first. */
export const listConnectionsToRead = (deps: Pick<SyncDeps, "db" | "clock">): Promise<ConnectionRef[]> =>
  listDueReadings(deps.db, deps.clock(), CONNECTIONS_A_ROUND);
