import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<Readonly<Record<string, string>>>();

/**
 * Adds these fields to every line that is logged during `work`, at any depth, beside the fields that it has already.
 */
export function withLogContext<T>(fields: Record<string, string>, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

/** The fields that a line logged now gets. */
export const logContext = (): Record<string, string> => ({ ...storage.getStore() });
