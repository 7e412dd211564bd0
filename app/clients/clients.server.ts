import type { Context } from "~/auth/guard.server";
import {
  getClient,
  insertClient,
  isNameTaken,
  listMappedGroups,
  moveClientContents,
  updateClient,
} from "@db/queries/clients";

type Acting = Pick<Context, "tenantId" | "inTenant" | "audit" | "app">;

export type CreateOutcome = { state: "created"; id: string } | { state: "name_taken" };

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

export async function changeClient(
  { tenantId, inTenant, audit }: Acting,
  clientId: string,
  set: { name: string; notes: string | null },
): Promise<"changed" | "unknown" | "name_taken"> {
  return inTenant(async (tx) => {
    const before = await getClient(tx, tenantId, clientId);
    if (before === undefined) return "unknown";
    if (before.archivedAt === null && (await isNameTaken(tx, tenantId, set.name, clientId)))
      return "name_taken";
    await updateClient(tx, tenantId, clientId, set);
    await audit(tx, {
      action: before.name === set.name ? "client.changed" : "client.renamed",
      targetType: "client",
      targetId: clientId,
      details: { from: before.name, to: set.name },
    });
    return "changed";
  });
}

export type MergeOutcome =
  | { state: "merged"; into: string; assets: number; groups: number }
  | { state: "unknown" | "same" | "archived" };

/** Gives everything of a client to another and archives it. */
export async function mergeClient(
  { tenantId, inTenant, audit, app }: Acting,
  clientId: string,
  intoId: string,
): Promise<MergeOutcome> {
  if (clientId === intoId) return { state: "same" };
  return inTenant(async (tx): Promise<MergeOutcome> => {
    const from = await getClient(tx, tenantId, clientId);
    const into = await getClient(tx, tenantId, intoId);
    if (from === undefined || into === undefined) return { state: "unknown" };
    if (into.archivedAt !== null) return { state: "archived" };
    const moved = await moveClientContents(tx, tenantId, clientId, intoId);
    await updateClient(tx, tenantId, clientId, { archivedAt: app.clock() });
    await audit(tx, {
      action: "client.merged",
      targetType: "client",
      targetId: clientId,
      details: { from: from.name, into: into.name, intoId, ...moved },
    });
    return { state: "merged", into: into.name, ...moved };
  });
}

export type ArchiveOutcome =
  { state: "archived" } | { state: "unknown" } | { state: "mapped"; groups: number };

/** Puts a client aside. Refused while a group is mapped to it: the next sync would go on filling it. */
export async function archiveClient(
  { tenantId, inTenant, audit, app }: Acting,
  clientId: string,
): Promise<ArchiveOutcome> {
  return inTenant(async (tx): Promise<ArchiveOutcome> => {
    const client = await getClient(tx, tenantId, clientId);
    if (client === undefined) return { state: "unknown" };
    const groups = (await listMappedGroups(tx, tenantId, clientId)).filter((group) => group.goneAt === null);
    if (groups.length > 0) return { state: "mapped", groups: groups.length };
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

export async function restoreClient(
  { tenantId, inTenant, audit }: Acting,
  clientId: string,
): Promise<"restored" | "unknown" | "name_taken"> {
  return inTenant(async (tx) => {
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
  });
}
