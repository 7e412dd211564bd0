import { sql, type SQL } from "drizzle-orm";

import type { BulkAsset } from "@domain/bulk-assets";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import { assetCondition, type AssetFilter } from "./asset-filter";

/** Assets that somebody chose, one by one or by a filter. */
export type AssetChoice = { ids: string[] } | { filter: AssetFilter };

export interface ChosenAsset extends BulkAsset {
  id: string;
  name: string;
  /** The connection that lists a device of the asset; null if none does. */
  connectionId: string | null;
  externalId: string | null;
}

const chosen = (tenantId: string, choice: AssetChoice): SQL =>
  "ids" in choice
    ? sql`l.tenant_id = ${tenantId} and l.asset_id = any(${uuidArray(choice.ids)})`
    : assetCondition(tenantId, choice.filter);

/** How many assets were chosen; one statement. */
export async function countChosen(tx: TenantDb, tenantId: string, choice: AssetChoice): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from asset_list l where ${chosen(tenantId, choice)}`,
  );
  return row!.n;
}

/**
 * The chosen assets, ordered by name. Locks them in the order of their ids until the transaction ends; two statements.
 */
export async function lockChosen(
  tx: TenantDb,
  tenantId: string,
  choice: AssetChoice,
): Promise<ChosenAsset[]> {
  await tx.execute(sql`
    select a.id from assets a
    where a.tenant_id = ${tenantId} and a.id in (select l.asset_id from asset_list l where ${chosen(tenantId, choice)})
    order by a.id for no key update`);
  return queryRows<ChosenAsset>(
    tx,
    sql`select a.id, a.name, a.client_id as "clientId", a.status, a.needs_no_agent as "needsNoAgent",
          l.has_device as "hasDevice", m.external_id is not null as "isListed", m.integration_id as "connectionId",
          m.external_id as "externalId"
        from asset_list l join assets a on a.id = l.asset_id
        left join lateral (
          select d.integration_id, d.external_id
          from tenant_external_entity_mappings d join rmm_integrations i on i.id = d.integration_id
          where d.tenant_id = ${tenantId} and d.asset_id = a.id and d.gone_at is null and i.status <> 'disconnected'
          order by d.observed_at desc, d.id limit 1) m on true
        where ${chosen(tenantId, choice)} order by l.name_key collate "C", l.asset_id`,
  );
}

const these = (tenantId: string, ids: string[]) =>
  sql`tenant_id = ${tenantId} and id = any(${uuidArray(ids)})`;

/** Moves assets to a client, or to none, and overrides the client, so that their groups do not move them back. */
export async function moveAssets(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
  clientId: string | null,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update assets set client_id = ${clientId}, updated_at = ${now.toISOString()},
      held_fields = case when 'client' = any(held_fields) then held_fields else held_fields || 'client'::text end
    where ${these(tenantId, ids)}`);
}

/** Marks assets as needing no agent, or removes the mark. */
export async function setNeedsNoAgent(
  tx: TenantDb,
  tenantId: string,
  ids: string[],
  needsNoAgent: boolean,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update assets set needs_no_agent = ${needsNoAgent}, updated_at = ${now.toISOString()}
    where ${these(tenantId, ids)}`);
}

/** Retires assets. The caller must make sure that no RMM knows them. */
export async function retireByHand(tx: TenantDb, tenantId: string, ids: string[], now: Date): Promise<void> {
  const at = now.toISOString();
  await tx.execute(sql`
    update assets set status = 'retired', retired_at = ${at}, updated_at = ${at} where ${these(tenantId, ids)}`);
}

/** Deletes assets. The caller must make sure that no RMM knows them. */
export async function removeAssets(tx: TenantDb, tenantId: string, ids: string[]): Promise<void> {
  await tx.execute(sql`delete from assets where ${these(tenantId, ids)}`);
}

/** What a person changed at one instant, from the history: clients with the overrides before, and statuses. */
const changesAt = (tenantId: string, { at, actor }: { at: Date; actor: string }) => sql`
  select asset_id, max(before #>> '{}') filter (where field = 'client') as client_before,
    max(after #>> '{}') filter (where field = 'client') as client_after, bool_or(field = 'client') as client,
    max(before #>> '{}') filter (where field = 'status') as status_before, bool_or(field = 'status') as status,
    max(before::text) filter (where field = 'overrides') as held_before
  from asset_changes
  where tenant_id = ${tenantId} and changed_at = ${at.toISOString()} and actor = ${actor}
    and field in ('client', 'status', 'overrides')
  group by asset_id`;

/** How many assets that a person changed at an instant are still as that change left them; one statement. */
export async function countUndoable(
  tx: TenantDb,
  tenantId: string,
  change: { at: Date; actor: string },
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from (${changesAt(tenantId, change)}) c join assets a on a.id = c.asset_id
        where a.tenant_id = ${tenantId} and ${isAsLeft}`,
  );
  return row!.n;
}

/** Nobody has changed the asset since, and its former client still exists. */
const isAsLeft = sql`(c.client or c.status)
  and (not c.client or (a.client_id is not distinct from c.client_after::uuid and (c.client_before is null or exists (
    select from clients k where k.tenant_id = a.tenant_id and k.id = c.client_before::uuid and k.archived_at is null))))
  and (not c.status or a.status = 'retired')`;

export interface RestoredAsset {
  id: string;
  name: string;
  isMoved: boolean;
  fromClientId: string | null;
  toClientId: string | null;
}

/**
 * Undoes what a person changed at an instant, except for assets changed since; one statement. Returns the restored
 * assets.
 */
export async function undoChanges(
  tx: TenantDb,
  tenantId: string,
  change: { at: Date; actor: string },
  now: Date,
): Promise<RestoredAsset[]> {
  return queryRows<RestoredAsset>(
    tx,
    sql`update assets a set updated_at = ${now.toISOString()},
          client_id = case when c.client then c.client_before::uuid else a.client_id end,
          held_fields = case when not c.held_before::jsonb ? 'client' then array_remove(a.held_fields, 'client')
            else a.held_fields end,
          status = case when c.status then c.status_before else a.status end,
          retired_at = case when c.status then null else a.retired_at end
        from (${changesAt(tenantId, change)}) c
        where a.tenant_id = ${tenantId} and a.id = c.asset_id and ${isAsLeft}
        returning a.id, a.name, c.client as "isMoved", c.client_after as "fromClientId", a.client_id as "toClientId"`,
  );
}
