import type { TenantDb } from "@db/client";
import { onUniqueViolation } from "@db/errors";
import { findLastAudit } from "@db/queries/audit/audit";
import {
  getClient,
  insertClient,
  isNameTaken,
  listMappedGroups,
  lockClients,
  updateClient,
} from "@db/queries/clients/clients";
import { lockAllIntegrations } from "@db/queries/connections/connections";
import { updateMapping } from "@db/queries/mapping/mapping";
import { clientValues } from "@domain/form-values";
import { overwritten, type Stale } from "@domain/shown-version";
import type { Context } from "~/auth/guard.server";

type Acting = Pick<Context, "tenantId" | "inTenant" | "audit" | "app">;

/** Answers `name_taken` if somebody else takes the name between the check of the names and the write. */
const unlessNameTaken = <T>(work: () => Promise<T | "name_taken">) =>
  onUniqueViolation<T | "name_taken">("clients_active_name_key", work, () => "name_taken");

export type CreateOutcome = { state: "created"; id: string } | { state: "name_taken" };

/** Creates a client and audits it. Its name must not be that of another client that is not archived. */
export async function createClient(
  { tenantId, inTenant, audit }: Acting,
  client: { name: string; notes: string | null },
): Promise<CreateOutcome> {
  return inTenant(async (tx): Promise<CreateOutcome> => {
    const row = await insertClient(tx, { tenantId, ...client });
    if (row === null) return { state: "name_taken" };
    await audit(tx, {
      action: "client.created",
      targetType: "client",
      targetId: row.id,
      details: { name: client.name },
    });
    return { state: "created", id: row.id };
  });
}

/**
 * Changes a client's name and notes, and audits it.
 * @param version the version that the person saw, see `shownVersion`
 */
export async function changeClient(
  { tenantId, inTenant, audit }: Acting,
  clientId: string,
  set: { name: string; notes: string | null },
  version?: string,
): Promise<"changed" | "unknown" | "name_taken" | Stale> {
  return unlessNameTaken(() =>
    inTenant(async (tx) => {
      const [before] = await lockClients(tx, tenantId, [clientId]);
      if (before === undefined) return "unknown";
      const fields = overwritten(version, clientValues(before), set);
      if (fields.length > 0) {
        const actions = ["client.changed", "client.renamed", "client.created"];
        const last = await findLastAudit(tx, tenantId, { actions, targetId: clientId });
        return { state: "stale", fields, by: last?.actor ?? null } as const;
      }
      if (before.archivedAt === null && (await isNameTaken(tx, tenantId, set.name, clientId)))
        return "name_taken";
      await updateClient(tx, tenantId, clientId, set);
      await audit(tx, {
        action: before.name === set.name ? "client.changed" : "client.renamed",
        targetType: "client",
        targetId: clientId,
        details: {
          from: before.name,
          to: set.name,
          ...(before.notes === set.notes ? {} : { notes: { from: before.notes, to: set.notes } }),
        },
      });
      return "changed";
    }),
  );
}

export type ArchiveOutcome =
  { state: "archived" } | { state: "unknown" } | { state: "mapped"; groups: number };

/**
 * Archives a client. Refuses while a group is mapped to it, because the next sync would give it new assets. Removes the
 * mapping of groups that vanished from the RMM, in case they come back.
 */
export async function archiveClient(acting: Acting, clientId: string): Promise<ArchiveOutcome> {
  const { tenantId, inTenant, audit, app } = acting;
  return inTenant(async (tx): Promise<ArchiveOutcome> => {
    await lockAllIntegrations(tx, tenantId);
    const [client] = await lockClients(tx, tenantId, [clientId]);
    if (client === undefined) return { state: "unknown" };
    const groups = await listMappedGroups(tx, tenantId, clientId);
    const live = groups.filter((group) => group.goneAt === null);
    if (live.length > 0) return { state: "mapped", groups: live.length };
    await unmapGroups(acting, tx, groups);
    await updateClient(tx, tenantId, clientId, { archivedAt: app.clock() });
    await audit(tx, {
      action: "client.archived",
      targetType: "client",
      targetId: clientId,
      details: { name: client.name },
    });
    return { state: "archived" };
  });
}

const nobody = {
  clientId: null,
  siteId: null,
  contactId: null,
  ruleId: null,
  ruleClient: null,
  rulePlace: null,
};

type MappedGroup = Awaited<ReturnType<typeof listMappedGroups>>[number];

async function unmapGroups(
  { tenantId, audit, app }: Acting,
  tx: TenantDb,
  groups: MappedGroup[],
): Promise<void> {
  for (const connectionId of new Set(groups.map((group) => group.connectionId))) {
    const changes = groups
      .filter((group) => group.connectionId === connectionId)
      .map(({ externalId, path }) => ({ externalId, state: "inherit" as const, ...nobody, path }));
    await updateMapping(tx, tenantId, connectionId, changes, app.clock());
    await audit(tx, {
      action: "mapping.changed",
      targetType: "integration",
      targetId: connectionId,
      details: { changes },
    });
  }
}

/** Restores an archived client, unless another client has its name now. */
export async function restoreClient(
  { tenantId, inTenant, audit }: Acting,
  clientId: string,
): Promise<"restored" | "unknown" | "name_taken"> {
  return unlessNameTaken(() =>
    inTenant(async (tx) => {
      const client = await getClient(tx, tenantId, clientId);
      if (client === undefined) return "unknown";
      if (await isNameTaken(tx, tenantId, client.name, clientId)) return "name_taken";
      await updateClient(tx, tenantId, clientId, { archivedAt: null });
      await audit(tx, {
        action: "client.restored",
        targetType: "client",
        targetId: clientId,
        details: { name: client.name },
      });
      return "restored";
    }),
  );
}

/** Whether the tenant has the client, archived or not; false for another tenant's. */
export const knowsClient = (
  { tenantId, inTenant }: Pick<Acting, "tenantId" | "inTenant">,
  clientId: string,
) => inTenant(async (tx) => (await getClient(tx, tenantId, clientId)) !== undefined);
