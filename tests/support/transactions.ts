import type { Db } from "@db/client";

/** The same database, with `before` called before each transaction; its exceptions become the transaction's. */
export function beforeTransactions(db: Db, before: () => void | Promise<void>): Db {
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const call = value.bind(target) as (...args: unknown[]) => unknown;
      return name !== "transaction"
        ? call
        : async (...args: unknown[]) => {
            await before();
            return call(...args);
          };
    },
  });
}
