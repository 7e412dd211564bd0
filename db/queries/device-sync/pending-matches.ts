import { sql } from "drizzle-orm";

import type { RunRef } from "@domain/refs";

import { queryPrepared, queryRows, type TenantDb } from "../../client";
import type { StoredMatch } from "../../schema";
import { textArray } from "../shared/arrays";
import type { Sweep } from "./seen-ids";

/** A device that a sweep deferred until its end; see `rmm_sweep_arrivals`. */

export interface PendingMatchWrite {
  externalId: string;
  keys: string[];
  /** Null if there is nothing to decide, and only the keys of the row matter. */
  device: Record<string, unknown> | null;
  observedAt: Date;
}

/** Stores the pending matches of a page; one statement. A repeated page writes the same rows. */
export async function upsertPendingMatches(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  arrivals: PendingMatchWrite[],
): Promise<void> {
  if (arrivals.length === 0) return;
  await queryPrepared(
    tx,
    sql`
    insert into rmm_sweep_arrivals (tenant_id, run_id, external_id, keys, device, observed_at)
    select ${tenantId}, ${runId}, r."externalId", array(select json_array_elements_text(r.keys)), r.device,
      r."observedAt"
    from json_to_recordset(${JSON.stringify(arrivals)}::text::json)
      as r("externalId" text, keys json, device json, "observedAt" timestamptz)
    on conflict (run_id, external_id) do update set
      keys = excluded.keys, device = excluded.device, observed_at = excluded.observed_at`,
  );
}

/** Whether any match is open at the end of the sweep. */
export async function hasOpenPendingMatches(tx: TenantDb, { tenantId, runId }: RunRef): Promise<boolean> {
  const [row] = await queryRows<{ open: boolean }>(
    tx,
    sql`select exists (select from rmm_sweep_arrivals
          where tenant_id = ${tenantId} and run_id = ${runId} and device is not null) as open`,
  );
  return row!.open;
}

/**
 * Stores on each pending match how many devices share its keys. One statement over all, because a look-up for each
 * batch would scan all of them each time.
 */
export async function countKeyHoldersOfPending(tx: TenantDb, { tenantId, runId }: RunRef): Promise<void> {
  await tx.execute(sql`
    with borne as materialized (
      select a.external_id, key, count(*) over (partition by key) as n
      from rmm_sweep_arrivals a cross join lateral unnest(a.keys) key
      where a.tenant_id = ${tenantId} and a.run_id = ${runId}
    ), shared as (
      select external_id, jsonb_object_agg(key, n) as bearers from borne where n > 1 group by external_id
    )
    update rmm_sweep_arrivals a set bearers = shared.bearers
    from shared
    where a.tenant_id = ${tenantId} and a.run_id = ${runId} and a.external_id = shared.external_id`);
}

export interface PendingMatchRow {
  externalId: string;
  device: Record<string, unknown>;
  keyCounts: Record<string, number>;
  match: StoredMatch | null;
  /** How many pending matches would link to the same asset, including this one. */
  competingDevices: number;
}

/**
 * Open pending matches with their latest records, ordered by id: at most `limit`, after `afterId`. Leaves out devices
 * that are gone, or were written from a later record, because the sweep's data about them is outdated.
 */
export async function listOpenPendingMatches(
  tx: TenantDb,
  { tenantId, connectionId, runId, credibleUntil }: Sweep,
  page: { afterId: string; limit: number; isDryRun: boolean },
): Promise<PendingMatchRow[]> {
  const reviewedAt = sql`(v.device ->> 'observedAt')::timestamptz`;
  return queryPrepared<PendingMatchRow>(
    tx,
    sql`select a.external_id as "externalId", coalesce(v.device, a.device) as device, a.bearers as "keyCounts", a.match, a.claimants as "competingDevices"
        from rmm_sweep_arrivals a
        left join rmm_identity_reviews v on v.tenant_id = ${tenantId} and v.integration_id = ${connectionId}
          and v.external_id = a.external_id and ${reviewedAt} > a.observed_at
        left join tenant_external_entity_mappings m on m.tenant_id = ${tenantId}
          and m.integration_id = ${connectionId} and m.external_type = 'device' and m.external_id = a.external_id
        where a.tenant_id = ${tenantId} and a.run_id = ${runId} and a.device is not null
          and a.external_id > ${page.afterId}
          and (m.id is null or (
            -- A dry run brings back nobody.
            (m.gone_at is null or ${page.isDryRun}::boolean)
            and (m.observed_at <= coalesce(${reviewedAt}, a.observed_at)
              or m.observed_at > ${credibleUntil.toISOString()}::timestamptz)))
        order by a.external_id limit ${page.limit}::int`,
  );
}

/** Stores the assets that pending devices may be; one statement. */
export async function saveMatches(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  matches: { externalId: string; match: StoredMatch }[],
): Promise<void> {
  if (matches.length === 0) return;
  await queryPrepared(
    tx,
    sql`
    update rmm_sweep_arrivals a set match = r.match, claimants = 1
    from jsonb_to_recordset(${JSON.stringify(matches)}::text::jsonb) as r("externalId" text, match jsonb)
    where a.tenant_id = ${tenantId} and a.run_id = ${runId} and a.external_id = r."externalId"`,
  );
}

/**
 * Stores on each pending match how many devices compete for its asset; one statement over all. A device with the same
 * key competes even if evidence speaks against it: a person decides about one serial number on two devices, however
 * well one of them matches.
 */
export async function countCompetingDevices(tx: TenantDb, { tenantId, runId }: RunRef): Promise<void> {
  await tx.execute(sql`
    with open_matches as materialized (
      select external_id, match from rmm_sweep_arrivals
      where tenant_id = ${tenantId} and run_id = ${runId} and device is not null
    ), links as (
      select external_id, match ->> 'assetId' as asset_id, match ->> 'key' as key,
        count(*) over (partition by match ->> 'assetId') as claimants
      from open_matches where match ->> 'state' = 'link'
    ), doubtful as (
      select c ->> 'assetId' as asset_id, c ->> 'key' as key, count(*) as claimants
      from open_matches cross join lateral jsonb_array_elements(match -> 'candidates') c
      where match ->> 'state' = 'ambiguous'
      group by 1, 2
    )
    update rmm_sweep_arrivals a set claimants = links.claimants + coalesce(doubtful.claimants, 0)
    from links left join doubtful on doubtful.asset_id = links.asset_id and doubtful.key = links.key
    where a.tenant_id = ${tenantId} and a.run_id = ${runId} and a.external_id = links.external_id
      and links.claimants + coalesce(doubtful.claimants, 0) > 1`);
}

/** Closes pending matches that are decided; one statement. */
export async function closePendingMatches(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  externalIds: string[],
): Promise<void> {
  if (externalIds.length === 0) return;
  await tx.execute(sql`
    update rmm_sweep_arrivals set device = null
    where tenant_id = ${tenantId} and run_id = ${runId} and external_id = any(${textArray(externalIds)})`);
}

/** Deletes a run's pending matches, except open ones if `keepOpen` is set. */
export async function deletePendingMatches(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  { keepOpen }: { keepOpen: boolean },
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_sweep_arrivals
    where tenant_id = ${tenantId} and run_id = ${runId} and (device is null or not ${keepOpen}::boolean)`);
}

/**
 * Deletes the pending matches of earlier, ended runs of the account, because this run has listed the same devices
 * again.
 */
export async function deleteFormerPendingMatches(
  tx: TenantDb,
  { tenantId, connectionId, runId }: RunRef & { connectionId: string },
): Promise<void> {
  await tx.execute(sql`
    delete from rmm_sweep_arrivals a using rmm_sync_runs r
    where a.tenant_id = ${tenantId} and r.tenant_id = a.tenant_id and r.id = a.run_id
      and r.integration_id = ${connectionId} and r.id <> ${runId} and r.ended_at is not null`);
}
