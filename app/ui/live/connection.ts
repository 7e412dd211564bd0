import { useSyncExternalStore } from "react";

/** Milliseconds to wait for an answer. */
const PATIENCE_MS = 10_000;

let isLost = false;
const listeners = new Set<() => void>();

function note(lost: boolean): void {
  if (lost === isLost) return;
  isLost = lost;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the server did not answer the page's last automatic request. */
export const useIsConnectionLost = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => isLost,
    () => false,
  );

/**
 * Requests from the server without Remix, because a failed Remix request replaces the page and discards typed input.
 * @returns null if there was no answer or a 5xx, which may also be a proxy's
 */
export async function reach<T>(
  url: string,
  read: (response: Response) => Promise<T> | T,
): Promise<{ data: T } | { refused: number } | null> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { headers: { Accept: "application/json, text/plain" }, signal });
    note(response.status >= 500);
    if (response.status >= 500) return null;
    return response.ok ? { data: await read(response) } : { refused: response.status };
  } catch {
    note(true);
    return null;
  }
}

export const isServed = async (): Promise<boolean> => (await reach("/healthz", () => true)) !== null;
