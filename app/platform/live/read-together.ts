import type { Db } from "@db/client";
import { endWith } from "@db/page-statements";

interface Reading {
  running: Promise<unknown>;
  /** The reading after it, for everybody who asked since it began. */
  next?: Promise<unknown>;
}

const readingsOf = new WeakMap<Db, Map<string, Reading>>();

/**
 * Reads data of a tenant once for everybody who asks at the same time, such as all tabs that follow a sync. A caller
 * who asks during a reading waits for the next one, so that nobody gets data from before they asked.
 * @param what identifies the reading within the tenant; the same name must mean the same `read`
 * @param read continues if the first caller leaves; must not be called inside a transaction of the caller
 */
export function readTogether<T>(db: Db, tenantId: string, what: string, read: () => Promise<T>): Promise<T> {
  let readings = readingsOf.get(db);
  if (readings === undefined) readingsOf.set(db, (readings = new Map<string, Reading>()));
  const key = `${tenantId} ${what}`;
  const begin = (): Promise<T> => {
    const running = endWith(new AbortController().signal, read);
    const reading: Reading = { running };
    readings.set(key, reading);
    const end = () => void (reading.next === undefined && readings.delete(key));
    running.then(end, end);
    return running;
  };
  const reading = readings.get(key);
  if (reading === undefined) return begin();
  reading.next ??= reading.running.then(begin, begin);
  return reading.next as Promise<T>;
}
