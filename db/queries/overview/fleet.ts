import { sql, type SQL } from "drizzle-orm";

import { assetFindings, type AssetFinding } from "@domain/asset-findings";

import { queryRows, type TenantDb } from "../../client";
import { assetTypes, findingBit, traitBits, type AssetType } from "../../schema";
import { assetPlatforms, type AssetPlatform } from "../assets/asset-filter";
import { byClient } from "../shared/by-name";

/** The numbers of days without being seen that the filter of the asset list offers. */
const unseenDays = [7, 30, 90] as const;
type UnseenDays = (typeof unseenDays)[number];

/** The numbers of days of a pending update that the filter of the asset list offers. */
const pendingDays = [7, 30, 90] as const;
type PendingDays = (typeof pendingDays)[number];

interface FleetCondition {
  types: Record<AssetType, { online: number; offline: number }>;
  platforms: Record<AssetPlatform, number>;
  findings: Record<AssetFinding, number>;
  unseen: Record<UnseenDays, number>;
  /** Assets with an update that has been pending for at least this many days. */
  pending: Record<PendingDays, number>;
}

interface ClientCount {
  id: string;
  name: string;
  assets: number;
}

interface Fleet {
  assets: number;
  servers: number;
  online: number;
  withPatches: number;
  patches: number;
  /** Listed devices without an asset. */
  withoutClient: number;
  condition: FleetCondition;
}

/** The number of assets in those groups `g` that match. */
const sumOf = (fits: SQL): SQL => sql`coalesce(sum(g.assets) filter (where ${fits}), 0)::int`;

/** A JSON object with that number for each key. */
const sums = <Key extends string | number>(keys: readonly Key[], fits: (key: Key) => SQL): SQL =>
  sql`jsonb_build_object(${sql.join(
    keys.flatMap((key) => [sql`${String(key)}::text`, sumOf(fits(key))]),
    sql`, `,
  )})`;

/**
 * How many of the spans have passed since an instant; `ifUnknown` if the instant is null. `days` holds the spans in
 * days, shortest first: most instants are younger than that, so that one comparison decides.
 */
const spansSince = (instant: SQL, days: readonly number[], ifUnknown: number): SQL =>
  sql`case ${sql.join(
    // As a subquery, Postgres computes the bound once instead of for each asset.
    days.map(
      (n, i) => sql`when ${instant} > (select now() - make_interval(days => ${n}::int)) then ${i}::int`,
    ),
    sql` `,
  )} when ${instant} is null then ${ifUnknown}::int else ${days.length}::int end`;

/**
 * The positions of the bits above the traits: whether online, whether updates are pending, how many spans it has not
 * been seen, and how many spans its updates have waited.
 */
const bits = {
  online: traitBits.end,
  patches: traitBits.end + 1,
  unseen: traitBits.end + 2,
  waiting: traitBits.end + 4,
};

const bit = (position: number): SQL => sql.raw(String(1 << position));

/**
 * Everything by which an asset `l` is counted as the bits of one number. With several columns the planner expects every
 * combination to occur, and sorts the assets instead of hashing them.
 */
const kindOf = sql`(
  l.traits
  + case when l.agent_status = 'online' then ${bit(bits.online)}
      when l.has_device then ${spansSince(sql`l.last_seen_at`, unseenDays, unseenDays.length)} * ${bit(bits.unseen)}
      else 0 end
  + case when l.pending_patches > 0
      then ${bit(bits.patches)} + ${spansSince(sql`l.pending_since`, pendingDays, 0)} * ${bit(bits.waiting)}
      else 0 end)`;

/** The bits of a kind from a position on, as many as `mask` has. */
const bitsOf = (from: number, mask = 1): SQL =>
  sql`(kind >> ${sql.raw(String(from))} & ${sql.raw(String(mask))})`;

/**
 * Counts the active assets: by what they are and run, by what is wrong with them, by how long they have not been seen,
 * and by how long updates have been pending; and counts the devices without a client. One statement, which reads one
 * narrow table once and then adds up the few groups that its rows form.
 */
export async function readFleet(tx: TenantDb, tenantId: string): Promise<Fleet> {
  const [row] = await queryRows<Fleet>(
    tx,
    sql`
      with groups as materialized (
        select kind, count(*) as assets, sum(pending_patches) as patches
        from (
          select l.pending_patches, ${kindOf} as kind
          from asset_list l where l.tenant_id = ${tenantId} and l.status = 'active'
        ) l
        group by kind
      ), kinds as (
        select assets, patches, kind, ${bitsOf(0)} > 0 as is_server, ${bitsOf(bits.online)} > 0 as is_online,
          ${bitsOf(bits.patches)} > 0 as has_patches, ${bitsOf(bits.unseen, 3)} as unseen,
          ${bitsOf(bits.waiting, 3)} as waiting, ${bitsOf(traitBits.platform, 3)} as platform
        from groups
      )
      select ${sumOf(sql`true`)} as assets, ${sumOf(sql`g.is_server`)} as servers,
        ${sumOf(sql`g.is_online`)} as online, ${sumOf(sql`g.has_patches`)} as "withPatches",
        coalesce(sum(g.patches), 0)::int as patches,
        (select count(*)::int from tenant_external_entity_mappings
         where tenant_id = ${tenantId} and external_type = 'device' and gone_at is null and asset_id is null
           and skip_reason in ('ungrouped', 'unmapped', 'excluded')) as "withoutClient",
        jsonb_build_object(
          'types', jsonb_build_object(${sql.join(
            assetTypes.flatMap((type) => {
              const isOfType = type === "server" ? sql`g.is_server` : sql`not g.is_server`;
              return [
                sql`${type}::text`,
                sql`jsonb_build_object('online', ${sumOf(sql`${isOfType} and g.is_online`)},
                  'offline', ${sumOf(sql`${isOfType} and not g.is_online`)})`,
              ];
            }),
            sql`, `,
          )}),
          'platforms', ${sums(assetPlatforms, (platform) => sql`g.platform = ${assetPlatforms.indexOf(platform)}::int`)},
          'findings', ${sums(assetFindings, (finding) => sql`kind & ${sql.raw(String(findingBit(finding)))} <> 0`)},
          'unseen', ${sums(unseenDays, (days) => sql`g.unseen > ${unseenDays.indexOf(days)}::int`)},
          'pending', ${sums(pendingDays, (days) => sql`g.waiting > ${pendingDays.indexOf(days)}::int`)}) as condition
      from kinds g`,
  );
  return row!;
}

/** The clients with the most active assets, at most `limit`. One statement, which an index answers. */
export const listLargestClients = (tx: TenantDb, tenantId: string, limit: number): Promise<ClientCount[]> =>
  queryRows<ClientCount>(
    tx,
    sql`
      select c.id, c.name, o.assets
      from (
        select l.client_id, count(*)::int as assets from asset_list l
        where l.tenant_id = ${tenantId} and l.status = 'active' and l.client_id is not null
        group by l.client_id
      ) o join clients c on c.tenant_id = ${tenantId} and c.id = o.client_id
      where c.archived_at is null
      order by o.assets desc, ${byClient()}, c.id limit ${limit}::int`,
  );
