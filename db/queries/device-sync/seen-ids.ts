import { sql, type SQL } from "drizzle-orm";

import type { RunRef } from "@domain/refs";
import type { SyncResource } from "@domain/sync-words";

/** A complete sweep of a run at its end. */
export interface Sweep extends RunRef {
  connectionId: string;
  now: Date;
  /** An observation later than this comes from a clock that ran ahead, so its real time is unknown. */
  credibleUntil: Date;
}

/** Whether a record was last observed before the run began. The sweep knows nothing about later observations. */
export const observedBefore = ({ tenantId, runId, credibleUntil }: Sweep, column: SQL): SQL =>
  sql`(${column} < (select started_at from rmm_sync_runs where tenant_id = ${tenantId} and id = ${runId})
    or ${column} > ${credibleUntil.toISOString()})`;

/**
 * Whether a page of the run listed the record whose id is in `column`; used as `exists ${listedBy(…)}`. A join, because
 * `not in` and `= any(ids_seen)` compare each record with each id once the ids exceed the memory of a hashed look-up
 * (about 150,000), and then a run never ends.
 */
export const listedBy = ({ tenantId, runId }: RunRef, resource: SyncResource, column: SQL): SQL =>
  sql`(select from (
      select unnest(p.ids_seen) as id from rmm_sync_run_pages p
      where p.tenant_id = ${tenantId} and p.run_id = ${runId} and p.resource = ${resource}
    ) seen where seen.id = ${column})`;
