import { sql, type SQL } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { queryByHash } from "../shared/by-hash";
import { byClient } from "../shared/by-name";
import type { Sweep } from "./seen-ids";
import { sweepTables } from "./sweep-sums";

/** What a client would lose by a run, and has lost lately, for the mass-change guard. */
export interface ClientLoss {
  clientId: string;
  name: string;
  /** The client's active assets. */
  assets: number;
  /** Moves away from the client that the run staged, and those already pending. */
  moves: number;
  /** Devices of the client that a complete list lacks. */
  removals: number;
  /** How many of those the devices' group counts do not confirm. */
  unconfirmed: number;
  /** Moves by device runs since the last complete sweep. */
  movedLately: number;
}

export interface LossScope extends Sweep {
  /** Whether the run is a dry run. Its moves are in its plan, because it writes nothing else. */
  isDryRun: boolean;
  /** Whether the run is a sweep. A device run concludes nothing about other devices. */
  isSweep: boolean;
  /** Counts the changes by device runs since then too. */
  since: Date;
}

/** The clients that would lose assets by the run; one statement. */
export async function listClientLosses(tx: TenantDb, scope: LossScope): Promise<ClientLoss[]> {
  const { tenantId } = scope;
  return queryByHash<ClientLoss>(
    tx,
    sql`with ${sweepTables(scope)}, moves as (
          ${movesOf(scope)}
        ), removals as (
          select a.client_id, count(*) as n, count(*) filter (where b.external_id is null) as unconfirmed
          from absent m join assets a on a.id = m.asset_id
          left join borne_out b on b.external_id = m.external_group_id
          where ${scope.isSweep}::boolean and a.tenant_id = ${tenantId}
          group by 1
        ), lately as (
          select (l.details ->> 'fromClientId')::uuid as client_id, count(*) as n
          from audit_log l join rmm_sync_runs r on r.id = (l.details ->> 'runId')::uuid
          where l.tenant_id = ${tenantId} and l.action = 'asset.moved' and l.details ->> 'runId' <> ''
            and l.created_at > ${scope.since.toISOString()} and r.tenant_id = ${tenantId}
            and r.integration_id = ${scope.connectionId} and r.type = 'device'
          group by 1
        )
        select c.id as "clientId", c.name, coalesce(moves.n, 0)::int as moves,
          coalesce(removals.n, 0)::int as removals, coalesce(removals.unconfirmed, 0)::int as unconfirmed,
          coalesce(lately.n, 0)::int as "movedLately",
          (select count(*) from assets a
           where a.tenant_id = ${tenantId} and a.client_id = c.id and a.status = 'active')::int as assets
        from clients c
        left join moves on moves.client_id = c.id
        left join removals on removals.client_id = c.id
        left join lately on lately.client_id = c.id
        where c.tenant_id = ${tenantId} and (moves.n > 0 or removals.n > 0)
        order by ${byClient()}, c.id`,
  );
}

/** The moves by client. A sweep stages every pending move again; a device run adds to the account's pending moves. */
const movesOf = ({ tenantId, connectionId, runId, isDryRun, isSweep }: LossScope): SQL =>
  isDryRun
    ? sql`select from_client_id as client_id, count(*) as n from rmm_planned_changes
          where tenant_id = ${tenantId} and run_id = ${runId} and changes @> '[{"staged":"move"}]'::jsonb
          group by 1`
    : sql`select from_value::uuid as client_id, count(*) as n from rmm_held_changes
          where tenant_id = ${tenantId} and integration_id = ${connectionId} and kind = 'move'
            and (run_id = ${runId} or not ${isSweep}::boolean and state = 'held')
          group by 1`;
