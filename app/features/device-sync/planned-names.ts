import { v5 as uuidv5 } from "uuid";

import type { TenantDb } from "@db/client";
import { findParts } from "@db/queries/clients/client-parts";
import { PLANNED_CLIENT, upsertPlanned } from "@db/queries/device-sync/planned";
import { findClientsByName } from "@db/queries/mapping/mapping";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { foldText } from "@domain/text";

import type { FindByName } from "./follow-mapping-rules";

/**
 * Finds clients, sites and contacts by name in a dry run, which creates none: a missing one gets a placeholder id, the
 * same on each page of the run.
 */
export function namesToMake(tx: TenantDb, { id: runId, tenantId }: Pick<RunRow, "id" | "tenantId">) {
  const clients = new Map<string, string>();
  const parts = new Map<string, string>();
  const standInOf = (made: Map<string, string>, name: string, key: string[]): string => {
    const id = uuidv5(JSON.stringify(key), runId);
    if (!made.has(id)) made.set(id, name);
    return id;
  };
  const find: FindByName = {
    clients: async (names) =>
      new Map(
        (await findClientsByName(tx, tenantId, names)).map(({ name, key, clientId }) => [
          name,
          clientId ?? standInOf(clients, name, ["client", key]),
        ]),
      ),
    parts: async (kind, named) =>
      (await findParts(tx, tenantId, kind, named)).map(({ clientId, name, id }) => ({
        clientId,
        name,
        id: id ?? standInOf(parts, name, [kind, clientId, foldText(name)]),
      })),
  };
  return { find, clients, parts };
}

/** Stores the clients that a dry run would create with its plan, by their placeholder ids. */
export const recordPlannedClients = (
  tx: TenantDb,
  run: Pick<RunRow, "id" | "tenantId">,
  clients: ReadonlyMap<string, string>,
): Promise<void> =>
  upsertPlanned(
    tx,
    { tenantId: run.tenantId, runId: run.id },
    [...clients].map(([id, name]) => ({
      externalId: PLANNED_CLIENT + id,
      action: "group",
      name,
      assetId: null,
      fromClientId: null,
      toClientId: null,
      changes: [],
      reason: null,
      contentHash: null,
    })),
  );
