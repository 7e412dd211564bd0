import { sql, type SQL } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import { queryByHash } from "../shared/by-hash";
import { listedBy, observedBefore, type Sweep } from "./seen-ids";

/** A device that was marked as gone, and its asset if it has one. */
export interface GoneDevice {
  assetId: string | null;
  externalId: string;
}

/** Devices `m` last observed before the run began. Leaves out those that a device run has written since. */
const notObservedSince = (sweep: Sweep): SQL =>
  sql`m.tenant_id = ${sweep.tenantId} and m.integration_id = ${sweep.connectionId}
    and m.external_type = 'device' and m.gone_at is null and ${observedBefore(sweep, sql`m.observed_at`)}`;

/**
 * Devices that a complete sweep did not list. Leaves out devices observed after the run began, and devices whose
 * removal a person rejected.
 */
export function absentFrom(sweep: Sweep): SQL {
  return sql`${notObservedSince(sweep)}
    and not exists ${listedBy(sweep, "devices", sql`m.external_id`)}
    and not exists (
      select from rmm_held_changes h
      where h.tenant_id = m.tenant_id and h.integration_id = m.integration_id and h.kind = 'removal'
        and h.external_id = m.external_id and h.state = 'rejected')`;
}

/**
 * The reason of a held removal of an absent device. Such a removal stays held, even if few devices are absent by now.
 */
const heldRemoval = sql`(
  select h.reason from rmm_held_changes h
  where h.tenant_id = m.tenant_id and h.integration_id = m.integration_id and h.kind = 'removal'
    and h.external_id = m.external_id and h.state = 'held')`;

/** Inserts held removals of the devices `m`. The caller appends what to update on existing ones, which are `h`. */
const insertRemovals = (
  { tenantId, connectionId, runId, now }: Pick<Sweep, "tenantId" | "connectionId" | "runId" | "now">,
  reason: string | null,
  which: SQL,
): SQL => sql`
  insert into rmm_held_changes as h (id, tenant_id, integration_id, run_id, external_id, asset_id, kind, state, name,
    reason, created_at, updated_at)
  select gen_random_uuid(), ${tenantId}, ${connectionId}, ${runId}, m.external_id, m.asset_id, 'removal', 'held',
    m.display_name, ${reason}, ${now.toISOString()}, ${now.toISOString()}
  from tenant_external_entity_mappings m
  where ${which}
  on conflict (tenant_id, integration_id, kind, external_id)`;

/**
 * The condition on `m` for the absent devices of a sweep that also meet another; undefined if there are none. Reads them
 * before they are written, because the triggers of a statement that joins by hash would keep doing so for the pages of
 * other syncs.
 */
async function whichAreAbsent(tx: TenantDb, sweep: Sweep, which = sql`true`): Promise<SQL | undefined> {
  const rows = await queryByHash<{ id: string }>(
    tx,
    sql`select m.id from tenant_external_entity_mappings m where ${absentFrom(sweep)} and ${which}`,
  );
  if (rows.length === 0) return undefined;
  return sql`m.id = any(${uuidArray(rows.map(({ id }) => id))}) and ${notObservedSince(sweep)}`;
}

/**
 * Holds the removal of the devices that the run did not list. Without a reason it only renews those already held.
 * Returns how many.
 */
export async function holdAbsentDevices(tx: TenantDb, sweep: Sweep, reason: string | null): Promise<number> {
  const absent = await whichAreAbsent(tx, sweep);
  if (absent === undefined) return 0;
  const rows = await queryRows(
    tx,
    sql`${insertRemovals(sweep, reason, absent)} do update set
          run_id = excluded.run_id, asset_id = excluded.asset_id, name = excluded.name,
          reason = coalesce(excluded.reason, h.reason),
          updated_at = excluded.updated_at
        returning h.id`,
  );
  return rows.length;
}

/** Holds the removal of absent devices, but only those of the given clients. */
export async function holdAbsentOfClients(
  tx: TenantDb,
  sweep: Sweep,
  { clientIds, reason }: { clientIds: string[]; reason: string },
): Promise<void> {
  if (clientIds.length === 0) return;
  const absent = await whichAreAbsent(
    tx,
    sweep,
    sql`exists (
      select from assets a
      where a.tenant_id = m.tenant_id and a.id = m.asset_id and a.client_id = any(${uuidArray(clientIds)}))`,
  );
  if (absent === undefined) return;
  await tx.execute(sql`${insertRemovals(sweep, reason, absent)} do update set
    run_id = excluded.run_id, asset_id = excluded.asset_id, name = excluded.name, reason = excluded.reason,
    updated_at = excluded.updated_at`);
}

/** Why the removals of all absent devices are held, or those of some clients. */
export interface WhyAbsentWait {
  all: string | null;
  ofClients: { clientIds: string[]; reason: string };
}

/** Adds the devices that a run did not list to its plan. */
export async function planAbsentDevices(
  tx: TenantDb,
  sweep: Sweep,
  { all, ofClients }: WhyAbsentWait,
): Promise<void> {
  const { tenantId, runId } = sweep;
  await queryByHash(
    tx,
    sql`insert into rmm_planned_changes (tenant_id, run_id, external_id, action, name, asset_id, from_client_id, reason)
    select ${tenantId}, ${runId}, m.external_id, case when why.reason is null then 'gone' else 'hold' end,
      m.display_name, m.asset_id, a.client_id, why.reason
    from tenant_external_entity_mappings m left join assets a on a.id = m.asset_id
      cross join lateral (select coalesce(${all}::text,
        case when a.client_id = any(${uuidArray(ofClients.clientIds)}) then ${ofClients.reason}::text end,
        ${heldRemoval}) as reason) why
    where ${absentFrom(sweep)}
    on conflict (run_id, external_id) do nothing`,
  );
}

/** Withdraws held removals that the run does not confirm, because the device was listed again or is already gone. */
export async function withdrawRemovals(
  tx: TenantDb,
  { tenantId, connectionId, runId }: Sweep,
): Promise<void> {
  const removals = sql`h.tenant_id = ${tenantId} and h.integration_id = ${connectionId} and h.kind = 'removal'`;
  await tx.execute(sql`
    delete from rmm_held_changes h where ${removals} and h.state = 'held' and h.run_id <> ${runId}`);
  await queryByHash(
    tx,
    sql`delete from rmm_held_changes h
        where ${removals} and exists ${listedBy({ tenantId, runId }, "devices", sql`h.external_id`)}`,
  );
}

/**
 * Holds the removal of one device, unless a person has rejected it. A removal that is already held keeps its run,
 * because that run's new devices wait for it. Returns whether the removal is held now.
 */
export async function holdDeviceRemoval(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  runId: string,
  { externalId, reason, now }: { externalId: string; reason: string; now: Date },
): Promise<boolean> {
  const isDevice = sql`m.tenant_id = ${tenantId} and m.integration_id = ${connectionId}
    and m.external_type = 'device' and m.external_id = ${externalId} and m.gone_at is null`;
  const rows = await queryRows(
    tx,
    sql`with held as (
          ${insertRemovals({ tenantId, connectionId, runId, now }, reason, isDevice)} do update set
            reason = excluded.reason, updated_at = excluded.updated_at
            where h.state <> 'rejected'
          returning h.id, h.created_at = ${now.toISOString()} as is_new
        ), counted as (
          update rmm_sync_runs set items_held = items_held + 1
          where tenant_id = ${tenantId} and id = ${runId} and exists (select from held where is_new)
        )
        select id from held`,
  );
  return rows.length > 0;
}

/**
 * Marks devices as gone whose removal a person approved. Skips devices seen since the removal was held, and devices
 * listed by a sweep that is running or began since, however it ended, because the approved removal is not true any
 * more. The sweep's list is the only trace of a device that it found unchanged. Returns the devices that are gone.
 */
export async function markApprovedGone(
  tx: TenantDb,
  scope: ConnectionRef,
  heldIds: string[],
  { now, credibleUntil }: { now: Date; credibleUntil: Date },
): Promise<GoneDevice[]> {
  const listed = new Set(await listListedSince(tx, scope, heldIds, credibleUntil));
  const ids = uuidArray(heldIds.filter((id) => !listed.has(id)));
  return markGone(
    tx,
    scope,
    sql`m.external_type = 'device' and m.gone_at is null
      and exists (
        select from rmm_held_changes h
        where h.tenant_id = m.tenant_id and h.integration_id = m.integration_id and h.external_id = m.external_id
          and h.id = any(${ids})
          and (m.observed_at <= h.updated_at or m.observed_at > ${credibleUntil.toISOString()}))`,
    "absent from a complete list of the account's devices; a person confirmed it",
    now,
  );
}

/** The held removals whose device was listed by a sweep that is running or began since; one statement. */
async function listListedSince(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  heldIds: string[],
  credibleUntil: Date,
): Promise<string[]> {
  const rows = await queryByHash<{ id: string }>(
    tx,
    sql`with held as materialized (
          select id, external_id, updated_at from rmm_held_changes
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and id = any(${uuidArray(heldIds)})
        ), seen as (
          select unnest(p.ids_seen) as id, r.status, r.started_at
          from rmm_sync_runs r join rmm_sync_run_pages p on p.run_id = r.id
          where p.tenant_id = ${tenantId} and p.resource = 'devices' and r.tenant_id = ${tenantId}
            and r.integration_id = ${connectionId} and r.type in ('full', 'dry_run')
            and (r.status = 'running' or r.started_at <= ${credibleUntil.toISOString()}
              and r.started_at > (select min(updated_at) from held))
        )
        select h.id from held h
        where exists (
          select from seen
          where seen.id = h.external_id and (seen.status = 'running' or seen.started_at > h.updated_at))`,
  );
  return rows.map((row) => row.id);
}

/** Marks devices that a complete sweep did not list as gone, except those whose removal is held. Returns them. */
export async function markAbsentDevicesGone(tx: TenantDb, sweep: Sweep): Promise<GoneDevice[]> {
  const reason = "absent from a complete list of the account's devices";
  const absent = await whichAreAbsent(tx, sweep, sql`not exists ${heldRemoval}`);
  return absent === undefined ? [] : markGone(tx, sweep, absent, reason, sweep.now);
}

/**
 * Marks one device as gone, because the provider says that it has no such device. This counts as an observation, so
 * that a page that was read earlier but is written later does not bring the device back.
 */
export async function markDeviceGone(
  tx: TenantDb,
  scope: ConnectionRef,
  externalId: string,
  reason: string,
  now: Date,
): Promise<GoneDevice[]> {
  const isDevice = sql`m.gone_at is null and m.external_id = ${externalId}`;
  return markGone(tx, scope, isDevice, reason, now, sql`, observed_at = ${now.toISOString()}`);
}

/** Marks all devices of an account as gone, because we may not read the account any more. */
export async function markAllDevicesGone(
  tx: TenantDb,
  scope: ConnectionRef,
  reason: string,
  now: Date,
): Promise<GoneDevice[]> {
  return markGone(tx, scope, sql`m.external_type = 'device' and m.gone_at is null`, reason, now);
}

/**
 * Marks devices as gone, and assets whose last linked device is gone. Deletes no rows, so that they can come back; a
 * retired asset stays retired. Deletes reviews of gone devices, because they need no decision.
 */
async function markGone(
  tx: TenantDb,
  scope: ConnectionRef,
  which: SQL,
  reason: string,
  now: Date,
  andSet = sql``,
): Promise<GoneDevice[]> {
  const at = now.toISOString();
  return queryRows<GoneDevice>(
    tx,
    sql`with gone as (
          update tenant_external_entity_mappings m
          set gone_at = ${at}, gone_reason = ${reason}, agent_status = 'offline', lifecycle_status = 'inactive',
            updated_at = ${at} ${andSet}
          where m.tenant_id = ${scope.tenantId} and m.integration_id = ${scope.connectionId} and ${which}
          returning m.id, m.asset_id, m.external_id
        ), reviews_of_gone as (
          delete from rmm_identity_reviews v using gone
          where v.tenant_id = ${scope.tenantId} and v.integration_id = ${scope.connectionId}
            and v.external_id = gone.external_id
        ), gone_assets as (
          update assets a set status = 'gone', gone_at = ${at}, gone_reason = ${reason}, updated_at = ${at}
          from gone
          where a.id = gone.asset_id and a.tenant_id = ${scope.tenantId} and a.status = 'active'
            and not exists (
              select from tenant_external_entity_mappings other
              where other.tenant_id = ${scope.tenantId} and other.asset_id = a.id and other.gone_at is null
                and not exists (select from gone g where g.id = other.id))
        )
        select asset_id as "assetId", external_id as "externalId" from gone`,
  );
}
