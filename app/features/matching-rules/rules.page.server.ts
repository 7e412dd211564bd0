import type { TenantDb } from "@db/client";
import { listClientNames } from "@db/queries/clients/clients";
import { getIntegration } from "@db/queries/connections/connections";
import { listGroups } from "@db/queries/device-sync/groups";
import { listRulesVersions, readMatchingRules } from "@db/queries/matching-rules/rules";
import type { ConnectionRef } from "@domain/refs";

const VERSIONS_SHOWN = 20;

/** The data of the page of matching rules; null if there is no such connection. Five statements. */
export async function readRulesPage(tx: TenantDb, ref: ConnectionRef) {
  if ((await getIntegration(tx, ref.tenantId, ref.connectionId)) === undefined) return null;
  const { version, rules } = await readMatchingRules(tx, ref);
  const groups = await listGroups(tx, ref.tenantId, ref.connectionId);
  return {
    version,
    rules,
    groups: groups.map(({ externalId, path }) => ({ id: externalId, name: path })),
    clients: await listClientNames(tx, ref.tenantId),
    history: await listRulesVersions(tx, ref, VERSIONS_SHOWN),
  };
}
