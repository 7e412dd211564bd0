import { listDueReadings } from "@db/queries/custom-fields/readings";
import type { ConnectionRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

/**
 * Connections in one round. With 20 s for each, a round takes at most 7 minutes; the other connections come first in
 * the next one.
 */
const CONNECTIONS_A_ROUND = 20;

/** The connections with custom fields left to read, longest waiting first. */
export const listConnectionsToRead = (deps: Pick<SyncDeps, "db" | "clock">): Promise<ConnectionRef[]> =>
  listDueReadings(deps.db, deps.clock(), CONNECTIONS_A_ROUND);
