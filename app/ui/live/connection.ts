import { useSyncExternalStore } from "react";

/** By then an answer is not awaited any longer. */
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

/** Whether the server has not answered the last question that a page asked by itself. */
export const useIsConnectionLost = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => isLost,
    () => false,
  );

/**
 * Asks the server without Remix, where a question that fails takes the page away and what was typed on it.
 * @returns null when there was no answer, or one of a server (or a proxy before it) that is not well
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
