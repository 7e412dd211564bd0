import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";

import type { Query } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";

/** A statement of a list with its plan. */
export interface ListStatement {
  plan: string;
  /** Blocks of 8 KB that it read. */
  blocks: number;
}

interface Session {
  prepareQuery(query: Query, ...others: unknown[]): { execute(): Promise<unknown> };
}

const sessionOf = (db: Db): Session => db._.session as unknown as Session;

/** Set while `work` runs, in what it begins: the runner of another app of the process also sends statements. */
const recorded = new AsyncLocalStorage<Query[]>();

/** The statements that the work sends, inside and outside transactions. */
async function statementsOf(db: Db, work: () => Promise<unknown>): Promise<Query[]> {
  const found: Query[] = [];
  // Transactions have sessions of their own, of the same class.
  const sessions = Object.getPrototypeOf(sessionOf(db)) as Session;
  const { prepareQuery } = sessions;
  sessions.prepareQuery = function (query, ...others) {
    recorded.getStore()?.push(query);
    return prepareQuery.call(this, query, ...others);
  };
  try {
    await recorded.run(found, work);
  } finally {
    sessions.prepareQuery = prepareQuery;
  }
  return found;
}

/** Runs the statements of a list once more, each with EXPLAIN and, as `queryByHash` has it, with or without nested loops. */
export async function planStatements(
  db: Db,
  tenantId: string,
  work: () => Promise<unknown>,
): Promise<ListStatement[]> {
  const plans: ListStatement[] = [];
  let nestedLoops: Query | undefined;
  for (const statement of await statementsOf(db, work)) {
    const { sql, params } = statement;
    if (sql.includes("set_config(")) {
      if (sql.includes("enable_nestloop")) nestedLoops = statement;
      continue;
    }
    const query = { sql: `explain (analyze, buffers) ${sql}`, params };
    const lines = await withTenant(db, tenantId, async (tx) => {
      const execute = (asked: Query) =>
        sessionOf(tx).prepareQuery(asked, undefined, undefined, false).execute();
      if (nestedLoops !== undefined) await execute(nestedLoops);
      return (await execute(query)) as { "QUERY PLAN": string }[];
    });
    const plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
    // The first line of buffers covers the whole statement.
    const [, buffers = ""] = /Buffers: (.*)/.exec(plan) ?? [];
    const blocks = [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    plans.push({ plan, blocks });
  }
  return plans;
}

const TICK_MS = 10;

/** Milliseconds of processor time that a process of this machine has used; 0 if unreadable. */
export function processorMs(pid: number): number {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
    const fields = rest.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}
