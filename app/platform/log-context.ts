import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<Readonly<Record<string, string>>>();

/** Has every line that is logged during `work`, however deep, carry these fields beside those it carries already. */
export function withLogContext<T>(fields: Record<string, string>, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...fields }, work);
}

/** The fields that a line logged now carries. */
export const logContext = (): Record<string, string> => ({ ...storage.getStore() });
