import { randomUUID } from "node:crypto";

import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

/** Another process executes the runs now; this one may not write its unfinished work. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/**
 * The right to execute runs: one row, held by one process at a time. Time is the database's, so that the clocks of
 * two processes do not matter.
 */
export interface Lease {
  /**
   * Takes the lease if it is free or has run out, or, with `byForce`, in any case. Returns its token, new with every
   * leader.
   */
  tryAcquire(options?: { byForce: boolean }): Promise<string | undefined>;
  /** False when another process has taken over. */
  renew(token: string): Promise<boolean>;
  /** Whether any process holds it. */
  isHeld(): Promise<boolean>;
  /** Frees the lease at once; nothing happens if it is not held any more. */
  release(token: string): Promise<void>;
}

/** Processes may know leases that differ by this much. */
const MARGIN_MS = 60_000;

/**
 * The lease of the embedded runner, kept in the database and timed by its clock.
 * @param leaseMs milliseconds that it lasts without a renewal
 */
export function createLease(db: Db, leaseMs: number): Lease {
  const end = sql`clock_timestamp() + ${leaseMs}::int * interval '1 millisecond'`;
  // A lease beyond the longest possible end was taken before the database's clock was set back: it would outlive its
  // leader.
  const isFree = sql`(l.token is null or l.expires_at < clock_timestamp()
    or l.expires_at > ${end} + ${MARGIN_MS}::int * interval '1 millisecond')`;
  const isHeld = async (): Promise<boolean> => {
    const rows = await queryRows(db, sql`select 1 from runner.lease l where not ${isFree}`);
    return rows.length > 0;
  };
  return {
    isHeld,
    async tryAcquire({ byForce } = { byForce: false }) {
      // Looking first: an upsert that changes nothing would still lock the row against the leader's writes.
      if (!byForce && (await isHeld())) return undefined;
      const token = randomUUID();
      const rows = await queryRows(
        db,
        sql`
          insert into runner.lease as l (name, token, expires_at) values ('runs', ${token}::uuid, ${end})
          on conflict (name) do update set token = excluded.token, expires_at = excluded.expires_at
            where ${byForce} or ${isFree}
          returning name`,
      );
      return rows.length > 0 ? token : undefined;
    },
    async renew(token) {
      const rows = await queryRows(
        db,
        sql`update runner.lease set expires_at = ${end} where token = ${token}::uuid returning name`,
      );
      return rows.length > 0;
    },
    async release(token) {
      await db.execute(sql`update runner.lease set token = null where token = ${token}::uuid`);
    },
  };
}
