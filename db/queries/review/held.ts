import { and, eq, inArray, sql, type SQL } from "drizzle-orm";

import type { AssetMove } from "@domain/client-moves";
import type { ConnectionRef } from "@domain/refs";
import type { HeldKind } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";
import { rmmHeldChanges } from "../../schema";
import { uuidArray } from "../shared/arrays";
import { queryByHash } from "../shared/by-hash";
import { matchesFilter, type HeldFilter } from "./held-filter";

/** A change from the provider that waits for the end of its sweep (`staged`) or for a person (`held`). */

export interface PendingChangeWrite {
  externalId: string;
  assetId: string;
  kind: "move" | "rename";
  name: string;
  fromValue: string | null;
  /** The new name or client id; null if the device's group has no client. */
  toValue: string | null;
  reason: string | null;
}

/**
 * Stages the changes of a page; one statement. A held change stays held, with its latest values. A sweep takes over
 * held changes that it sees again; a device run leaves them to the run that decides on them.
 */
export async function upsertPendingChanges(
  tx: TenantDb,
  scope: ConnectionRef & { runId: string; now: Date; isSweep: boolean },
  changes: PendingChangeWrite[],
): Promise<void> {
  if (changes.length === 0) return;
  const at = scope.now.toISOString();
  await tx.execute(sql`
    insert into rmm_held_changes as h (id, tenant_id, integration_id, run_id, external_id, asset_id, kind, state, name,
      from_value, to_value, reason, created_at, updated_at)
    select gen_random_uuid(), ${scope.tenantId}, ${scope.connectionId}, ${scope.runId}, r."externalId", r."assetId",
      r.kind, 'staged', r.name, r."fromValue", r."toValue", r.reason, ${at}, ${at}
    from jsonb_to_recordset(${JSON.stringify(changes)}::text::jsonb) as r("externalId" text, "assetId" uuid, kind text,
      name text, "fromValue" text, "toValue" text, reason text)
    on conflict (tenant_id, integration_id, kind, external_id) do update set
      run_id = case when ${scope.isSweep}::boolean then excluded.run_id else h.run_id end,
      asset_id = excluded.asset_id, name = excluded.name, from_value = excluded.from_value,
      to_value = excluded.to_value, reason = excluded.reason, updated_at = excluded.updated_at`);
}

/** How many changes of each kind the run has staged, and how many were held before. */
export async function countPendingChanges(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  runId: string,
): Promise<Record<"move" | "rename", { staged: number; held: number }>> {
  const rows = await queryRows<{ kind: "move" | "rename"; staged: number; held: number }>(
    tx,
    sql`select kind, (count(*) filter (where state = 'staged'))::int as staged,
          (count(*) filter (where state = 'held'))::int as held
        from rmm_held_changes
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and run_id = ${runId}
          and kind in ('move', 'rename')
        group by kind`,
  );
  const none = { staged: 0, held: 0 };
  return { move: none, rename: none, ...Object.fromEntries(rows.map((row) => [row.kind, row])) };
}

/** Holds the staged changes of a run: all of a kind, or the moves from some clients. Returns how many. */
export async function holdPendingChanges(
  tx: TenantDb,
  scope: ConnectionRef,
  runId: string,
  kind: "move" | "rename",
  fromClientIds?: string[],
): Promise<number> {
  const rows = await tx
    .update(rmmHeldChanges)
    .set({ state: "held" })
    .where(
      and(
        eq(rmmHeldChanges.tenantId, scope.tenantId),
        eq(rmmHeldChanges.connectionId, scope.connectionId),
        eq(rmmHeldChanges.runId, runId),
        eq(rmmHeldChanges.kind, kind),
        eq(rmmHeldChanges.state, "staged"),
        fromClientIds === undefined ? undefined : inArray(rmmHeldChanges.fromValue, fromClientIds),
      ),
    )
    .returning({ id: rmmHeldChanges.id });
  return rows.length;
}

/** An applied change to the asset of a device. */
export interface AppliedChange {
  connectionId: string;
  externalId: string;
  assetId: string;
}

/** Held changes by their ids, or all changes that a run has staged. */
export type WhichHeld = { ids: readonly string[] } | { stagedBy: ConnectionRef & { id: string } };

const condition = (which: WhichHeld): SQL =>
  "ids" in which
    ? sql`h.id = any(${uuidArray([...which.ids])})`
    : sql`h.integration_id = ${which.stagedBy.connectionId} and h.run_id = ${which.stagedBy.id} and h.state = 'staged'`;

/** Applies renames, except on names that a person has overridden meanwhile; one statement. Returns those it applied. */
export async function applyRenames(
  tx: TenantDb,
  tenantId: string,
  which: WhichHeld,
  now: Date,
): Promise<AppliedChange[]> {
  return queryByHash<AppliedChange>(
    tx,
    sql`with chosen as (
          delete from rmm_held_changes h where h.tenant_id = ${tenantId} and h.kind = 'rename' and ${condition(which)}
          returning h.integration_id, h.external_id, h.asset_id, h.to_value
        )
        update assets a set name = chosen.to_value, updated_at = ${now.toISOString()}
        from chosen
        where a.tenant_id = ${tenantId} and a.id = chosen.asset_id and not ('name' = any(a.held_fields))
        returning chosen.integration_id as "connectionId", chosen.external_id as "externalId", a.id as "assetId"`,
  );
}

/**
 * Applies moves, except of assets whose client a person has overridden meanwhile, and except to clients archived
 * meanwhile; one statement. Returns those it applied.
 */
export async function applyMoves(
  tx: TenantDb,
  tenantId: string,
  which: WhichHeld,
  now: Date,
): Promise<(AssetMove & AppliedChange)[]> {
  const at = now.toISOString();
  return queryByHash<AssetMove & AppliedChange>(
    tx,
    sql`with chosen as (
          delete from rmm_held_changes h where h.tenant_id = ${tenantId} and h.kind = 'move' and ${condition(which)}
          returning h.integration_id, h.external_id, h.asset_id, h.to_value::uuid as to_client_id, h.reason
        ), without_client as (
          update tenant_external_entity_mappings m set skip_reason = chosen.reason, updated_at = ${at}
          from chosen
          where m.tenant_id = ${tenantId} and m.integration_id = chosen.integration_id and m.external_type = 'device'
            and m.external_id = chosen.external_id and chosen.to_client_id is null
        )
        update assets a set client_id = chosen.to_client_id, updated_at = ${at}
        from chosen, assets old
        where a.tenant_id = ${tenantId} and a.id = chosen.asset_id and old.id = a.id
          and not ('client' = any(a.held_fields)) and a.client_id is distinct from chosen.to_client_id
          and (chosen.to_client_id is null or exists (
            select from clients c
            where c.tenant_id = ${tenantId} and c.id = chosen.to_client_id and c.archived_at is null))
        returning chosen.integration_id as "connectionId", chosen.external_id as "externalId", a.id as "assetId",
          a.name, old.client_id as "fromClientId", a.client_id as "toClientId"`,
  );
}

/** The columns of a held change `h` that a person sees, from which its fingerprint is computed. */
export const heldColumns = sql`h.id, h.kind, h.asset_id, h.name, h.from_value, h.to_value`;
/** Changes as soon as a sync changes the held change `h`. */
export const heldFingerprint = sql`md5(json_build_array(${heldColumns})::text)`;

/** A held change as the page showed it. */
export interface SeenHeld {
  id: string;
  mark: string;
}

/** The ids of the tenant's held changes that match the filter. */
export async function listHeldIds(tx: TenantDb, tenantId: string, filter: HeldFilter): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select h.id from rmm_held_changes h where h.tenant_id = ${tenantId} and ${matchesFilter(filter)}`,
  );
  return rows.map((row) => row.id);
}

/** The ids of the connections to which these held changes belong. */
export async function listIntegrationsOfHeld(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
): Promise<string[]> {
  const rows = await queryRows<{ connectionId: string }>(
    tx,
    sql`select distinct integration_id as "connectionId" from rmm_held_changes
        where tenant_id = ${tenantId} and id = any(${uuidArray(ids)})`,
  );
  return rows.map((row) => row.connectionId);
}

export interface LockedHeld {
  id: string;
  kind: HeldKind;
  connectionId: string;
  runId: string;
  externalId: string;
  assetId: string | null;
  mark: string;
}

/** The held changes among these ids, locked until the transaction ends. */
export async function lockHeld(tx: TenantDb, tenantId: string, ids: string[]): Promise<LockedHeld[]> {
  return queryRows<LockedHeld>(
    tx,
    sql`select id, kind, integration_id as "connectionId", run_id as "runId", external_id as "externalId",
          asset_id as "assetId", ${heldFingerprint} as mark
        from rmm_held_changes h
        where tenant_id = ${tenantId} and state = 'held' and id = any(${uuidArray(ids)})
        order by id for update`,
  );
}

/**
 * Rejects renames and moves: the asset's name or client becomes an override, and the RMM's value is dismissed. One
 * statement for each kind.
 */
export async function keepHeldFields(
  tx: TenantDb,
  tenantId: string,
  kind: "move" | "rename",
  ids: string[],
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  const field = kind === "move" ? "client" : "name";
  await tx.execute(sql`
    update assets a set
      held_fields = case when ${field} = any(a.held_fields) then a.held_fields
                         else array_append(a.held_fields, ${field}) end,
      kept_over = a.kept_over || jsonb_build_object(${field}::text, h.to_value), updated_at = ${now.toISOString()}
    from rmm_held_changes h
    where h.tenant_id = ${tenantId} and h.kind = ${kind} and h.id = any(${uuidArray(ids)})
      and a.tenant_id = ${tenantId} and a.id = h.asset_id`);
}

/** Deletes held changes after they were decided or withdrawn. */
export async function deleteHeld(tx: TenantDb, tenantId: string, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(
    sql`delete from rmm_held_changes where tenant_id = ${tenantId} and id = any(${uuidArray(ids)})`,
  );
}

/**
 * Records that a person said these devices are not gone. Sweeps that do not list them again then leave them unchanged.
 */
export async function rejectRemovals(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(sql`
    update rmm_held_changes set state = 'rejected', updated_at = ${now.toISOString()}
    where tenant_id = ${tenantId} and kind = 'removal' and id = any(${uuidArray(ids)})`);
}

/** How many changes of each kind are held, for one connection or for all. */
export async function countHeld(
  tx: TenantDb,
  tenantId: string,
  connectionId?: string,
): Promise<{ removals: number; moves: number; renames: number }> {
  const [row] = await queryRows<{ removals: number; moves: number; renames: number }>(
    tx,
    sql`select (count(*) filter (where kind = 'removal'))::int as removals,
          (count(*) filter (where kind = 'move'))::int as moves,
          (count(*) filter (where kind = 'rename'))::int as renames
        from rmm_held_changes
        where tenant_id = ${tenantId} and state = 'held'
          and ${connectionId === undefined ? sql`true` : sql`integration_id = ${connectionId}`}`,
  );
  return row ?? { removals: 0, moves: 0, renames: 0 };
}
