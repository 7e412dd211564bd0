import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

import { familyMs, parentOf, processOnPort, processorsMs } from "./machine";

/** The users of processor time. */
type User = "app" | "postgres" | "inngest" | "simulator";

export interface Load {
  /** Processors that each kept busy on average, and all of the machine. */
  cores: Record<User | "machine", number>;
  /** For the whole machine. */
  processors: number;
  walMb: number;
  mostConnections: number;
}

export interface Meters {
  /** Processor use of each since the last call, as text. */
  words(): Promise<string>;
  /** Over the whole time since the meters were opened. */
  read(): Promise<Load>;
}

/** Starts meters of an installation's processes, its database server and the servers it works with. */
export async function openMeters(
  db: Db,
  processes: { app: number[]; inngest: string | undefined; simulator: number },
): Promise<Meters> {
  const [backend] = await queryRows<{ pid: number }>(db, sql`select pg_backend_pid() as pid`);
  // Only a server on this machine has a readable process.
  const postgres = parentOf(backend!.pid);
  const server = processes.inngest === undefined ? undefined : processOnPort(portOf(processes.inngest));
  const pidsOf: Record<User, number[]> = {
    app: processes.app,
    postgres: postgres === 0 ? [] : [postgres],
    inngest: server === undefined ? [] : [server],
    simulator: [processes.simulator],
  };
  let mostConnections = 0;
  const look = async () => {
    const [row] = await queryRows<{ wal: number; connections: number }>(
      db,
      sql`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal,
            (select count(*)::int from pg_stat_activity where datname = current_database()) as connections`,
    );
    mostConnections = Math.max(mostConnections, row!.connections);
    return {
      at: performance.now(),
      used: mapUsers((user) => familyMs(pidsOf[user])),
      machine: processorsMs(),
      ...row!,
    };
  };
  const between = (before: Awaited<ReturnType<typeof look>>, after: typeof before): Load => {
    const ms = after.at - before.at;
    const all = after.machine.all - before.machine.all;
    return {
      cores: {
        ...mapUsers((user) => (after.used[user] - before.used[user]) / ms),
        machine: (after.machine.busy - before.machine.busy) / ms,
      },
      processors: Math.round(all / ms),
      walMb: (after.wal - before.wal) / 2 ** 20,
      mostConnections,
    };
  };
  const first = await look();
  let last = first;
  return {
    words: async () => {
      const now = await look();
      const { cores, walMb } = between(last, now);
      last = now;
      const used = Object.entries(cores).map(([user, n]) => `${user} ${n.toFixed(2)}`);
      return `cores ${used.join(", ")}; WAL ${walMb.toFixed(0)} MB, ${now.connections} connections`;
    },
    read: async () => between(first, await look()),
  };
}

const mapUsers = (value: (user: User) => number): Record<User, number> => ({
  app: value("app"),
  postgres: value("postgres"),
  inngest: value("inngest"),
  simulator: value("simulator"),
});

const portOf = (address: string): number => {
  const { port, protocol } = new URL(address);
  return Number(port || (protocol === "https:" ? 443 : 80));
};

/** Share of the processors' time from which a user counts as the bottleneck. */
const BUSY = 0.9;

/** What saturates an installation under such a load, and why. */
export function saturation({ cores, processors }: Load): string {
  const { machine, ...users } = cores;
  // The benchmark itself and the machine's other work; neither must be the largest.
  const others = machine - Object.values(users).reduce((sum, n) => sum + n, 0);
  const most = Object.entries({ ...users, others }).sort(([, one], [, other]) => other - one);
  const list = most.map(([user, n]) => `${user} ${n.toFixed(2)}`).join(", ");
  const total = `${machine.toFixed(2)} of ${processors} processors were busy`;
  if (processors > 0 && machine >= BUSY * processors)
    return `the processors: ${total} (${list}); most for ${most[0]![0]}`;
  const single =
    users.app >= BUSY || users.inngest >= BUSY ? "; one of them may be bound by a single thread" : "";
  return `not the processors: ${total} (${list})${single}. Syncs at a time, latency or pace of the schedules bound it`;
}
