import { randomUUID } from "node:crypto";

import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

/** Another process executes the runs now, so this one must not write its unfinished work. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/**
 * The right to execute runs: one row, which one process holds at a time. The database's clock measures it, so that the
 * clocks of processes do not matter.
 */
export interface Lease {
  /**
   * Takes the lease if it is free or has expired, or, with `byForce`, in any case. Returns its token, which is new for
   * every leader; undefined if another process holds the lease.
   */
  tryAcquire(options?: { byForce: boolean }): Promise<string | undefined>;
  /** Extends the lease. Returns false if another process has taken it over. */
  renew(token: string): Promise<boolean>;
  /** Whether any process holds the lease. */
  isHeld(): Promise<boolean>;
  /** Frees the lease at once. Does nothing if another process holds it. */
  release(token: string): Promise<void>;
}

/** By how much the lease's length may differ between processes, in milliseconds. */
const MARGIN_MS = 60_000;

/**
 * The lease of the embedded runner, kept in the database and timed by its clock.
 * @param leaseMs how many milliseconds it lasts without a renewal
 */
export function createLease(db: Db, leaseMs: number): Lease {
  const end = sql`clock_timestamp() + ${leaseMs}::int * interval '1 millisecond'`;
  // A lease that ends later than any new one could was taken before the database's clock was set back. Left alone, it
  // would outlive its leader.
  const isFree = sql`(l.token is null or l.expires_at < clock_timestamp()
    or l.expires_at > ${end} + ${MARGIN_MS}::int * interval '1 millisecond')`;
  const isHeld = async (): Promise<boolean> => {
    const rows = await queryRows(db, sql`select 1 from runner.lease l where not ${isFree}`);
    return rows.length > 0;
  };
  return {
    isHeld,
    async tryAcquire({ byForce } = { byForce: false }) {
      // Looks first, because an upsert that changes nothing would still lock the row against the leader's writes.
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
