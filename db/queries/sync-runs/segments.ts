import { sql, type SQL } from "drizzle-orm";

import { boundaryPlaces, planSegments, type Segment } from "@domain/segments";
import type { ConnectionRef, RunRef } from "@domain/refs";
import type { SyncResource } from "@domain/sync-words";

import { queryPrepared, queryRows, type TenantDb } from "../../client";

/** A run's sweep that may be read in segments. Lock the run first in every transaction that writes. */

export interface SweepRef extends RunRef {
  resource: SyncResource;
}

/** A segment and its position, which is after its last committed page. */
export interface SegmentPlace extends Segment {
  sequence: number;
  cursor: string | null;
}

const ofSweep = ({ tenantId, runId, resource }: SweepRef, table: SQL): SQL =>
  sql`${table}.tenant_id = ${tenantId} and ${table}.run_id = ${runId} and ${table}.resource = ${resource}`;

/** The segments of a sweep, each with its cursor and the number of its next page. */
export async function listSegments(tx: TenantDb, sweep: SweepRef): Promise<SegmentPlace[]> {
  return queryRows<SegmentPlace>(
    tx,
    sql`select s.walk, s.start_cursor as start, s.state, s.next_walk as next,
          coalesce(p.sequence + 1, 0) as sequence, coalesce(p.cursor_after, s.start_cursor) as cursor
        from rmm_sync_run_segments s
        left join lateral (
          select sequence, cursor_after from rmm_sync_run_pages p
          where p.run_id = s.run_id and p.resource = s.resource and p.walk = s.walk
          order by p.sequence desc limit 1
        ) p on true
        where ${ofSweep(sweep, sql`s`)} order by s.walk`,
  );
}

/**
 * Divides the sweep of a run into at most `wanted` segments, at cursors of the connection's last complete sweep. Writes
 * nothing if there was none, or if it was short.
 */
export async function divideSweep(
  tx: TenantDb,
  sweep: SweepRef & ConnectionRef,
  wanted: number,
): Promise<void> {
  const [last] = await queryRows<{ id: string }>(
    tx,
    sql`select id from rmm_sync_runs
        where tenant_id = ${sweep.tenantId} and integration_id = ${sweep.connectionId} and type = 'full'
          and status in ('completed', 'completed_with_errors') and id <> ${sweep.runId}
        order by requested_at desc limit 1`,
  );
  if (last === undefined) return;
  const former = { tenantId: sweep.tenantId, runId: last.id, resource: sweep.resource };
  const [{ pages }] = (await queryRows<{ pages: number }>(
    tx,
    sql`select count(*)::int + 1 as pages from ${cursorsOf(former)}`,
  )) as [{ pages: number }];
  const places = boundaryPlaces(pages, wanted);
  if (places.length === 0) return;
  const boundaries = await queryRows<{ cursor: string }>(
    tx,
    sql`select cursor from ${cursorsOf(former)}
        where place in (${sql.join(
          places.map((place) => sql`${place}::int`),
          sql`, `,
        )}) order by place`,
  );
  const segments = planSegments(boundaries.map(({ cursor }) => cursor));
  if (segments.length < 2) return;
  await tx.execute(sql`
    insert into rmm_sync_run_segments (tenant_id, run_id, resource, walk, start_cursor)
    select ${sweep.tenantId}, ${sweep.runId}, ${sweep.resource}, walk, start
    from jsonb_to_recordset(${JSON.stringify(segments)}::text::jsonb) as s(walk int, start text)
    on conflict do nothing`);
}

/** The cursors that a sweep passed, in the order of the list. A segment ends at the start of the next one. */
const cursorsOf = (sweep: SweepRef): SQL => sql`(
  select cursor, row_number() over (order by walk, sequence) as place from (
    select coalesce(p.cursor_after, n.start_cursor) as cursor, p.walk, p.sequence
    from rmm_sync_run_pages p
    left join rmm_sync_run_segments s on s.run_id = p.run_id and s.resource = p.resource and s.walk = p.walk
    left join rmm_sync_run_segments n on n.run_id = p.run_id and n.resource = p.resource and n.walk = s.next_walk
    where ${ofSweep(sweep, sql`p`)} and (s.state = 'joined' or s.walk is null and p.walk = (
      select max(walk) from rmm_sync_run_pages where run_id = ${sweep.runId} and resource = ${sweep.resource}))
  ) passed where cursor is not null
) cursors`;

export interface SegmentPage {
  walk: number;
  sequence: number;
  isLast: boolean;
  /** For the last page: the walk of the segment that began where this one ended; null at the end of the list. */
  next: number | null;
}

/**
 * Records a segment's page, before its checkpoint is written.
 * @returns false if the segment, or the one at which it ends, was dropped meanwhile: the caller must then write nothing
 */
export async function advanceSegment(tx: TenantDb, sweep: SweepRef, page: SegmentPage): Promise<boolean> {
  const isOpen = sql`${ofSweep(sweep, sql`s`)} and s.walk = ${page.walk} and s.state in ('planned', 'begun')`;
  if (page.sequence > 0 && !page.isLast) {
    const rows = await queryPrepared(tx, sql`select s.walk from rmm_sync_run_segments s where ${isOpen}`);
    return rows.length > 0;
  }
  const rows = await queryRows(
    tx,
    sql`update rmm_sync_run_segments s set state = ${page.isLast ? "ended" : "begun"}, next_walk = ${page.next}::int
        where ${isOpen} and (${page.next}::int is null or exists (
          select from rmm_sync_run_segments n
          where ${ofSweep(sweep, sql`n`)} and n.walk = ${page.next}::int and n.state <> 'dropped'))
        returning s.walk`,
  );
  return rows.length > 0;
}

/** Drops segments. `all` ends the attempt to read the sweep in segments. */
export async function dropSegments(tx: TenantDb, sweep: SweepRef, walks: number[] | "all"): Promise<void> {
  await setState(tx, sweep, "dropped", walks);
}

/** Marks the segments that together form the list, and drops all others. */
export async function joinSegments(tx: TenantDb, sweep: SweepRef, walks: number[]): Promise<void> {
  await setState(tx, sweep, "dropped", "all");
  await setState(tx, sweep, "joined", walks);
}

async function setState(
  tx: TenantDb,
  sweep: SweepRef,
  state: "joined" | "dropped",
  walks: number[] | "all",
): Promise<void> {
  if (walks.length === 0) return;
  const which =
    walks === "all"
      ? sql`true`
      : sql`s.walk in (${sql.join(
          walks.map((walk) => sql`${walk}::int`),
          sql`, `,
        )})`;
  await tx.execute(sql`
    update rmm_sync_run_segments s set state = ${state} where ${ofSweep(sweep, sql`s`)} and ${which}`);
}
