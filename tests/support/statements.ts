import { AsyncLocalStorage } from "node:async_hooks";

import { expect, vi } from "vitest";

import type { Db } from "@db/client";

import type { Browser, WebWorld } from "./web";

/** Number of statements that a page starts, including those that look up its session. */
export async function countStatements(web: WebWorld, browser: Browser, path: string): Promise<number> {
  let statements = 0;
  const counted = (db: Db): Db =>
    new Proxy(db, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name === "transaction") {
          return (work: (tx: Db) => unknown, config?: unknown) =>
            (value as (...args: unknown[]) => unknown).call(target, (tx: Db) => work(counted(tx)), config);
        }
        return (...args: unknown[]) => {
          if (/^(select|selectDistinct|execute|insert|update|delete)$/.test(String(name))) statements += 1;
          return (value as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  const { db } = web.app;
  web.app.db = counted(db);
  try {
    expect((await browser.get(path)).status).toBe(200);
  } finally {
    web.app.db = db;
  }
  return statements;
}

/**
 * Identifies the work whose statements count; other work in this process, such as a relay woken earlier, has another
 * context or none.
 */
const counting = new AsyncLocalStorage<symbol>();

/** Number of statements that the work sends to the database, inside and outside transactions. */
export async function countAllStatements(db: Db, work: () => Promise<unknown>): Promise<number> {
  const session = Object.getPrototypeOf(db._.session) as typeof db._.session;
  const self = Symbol("work");
  let statements = 0;
  const prepare = session.prepareQuery;
  const prepared = vi.spyOn(session, "prepareQuery").mockImplementation(function (
    this: typeof session,
    ...args
  ) {
    if (counting.getStore() === self) statements += 1;
    return prepare.apply(this, args);
  });
  try {
    await counting.run(self, work);
    return statements;
  } finally {
    prepared.mockRestore();
  }
}
