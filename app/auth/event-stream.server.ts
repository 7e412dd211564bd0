import type { App } from "~/platform/app.server";

import { isSessionLive } from "./session.server";

/**
 * Milliseconds between two lines, so that no proxy closes the stream as idle. The session is checked as often: a person
 * who is signed out or removed receives nothing after this interval.
 */
const KEEP_ALIVE_MS = 15_000;

/** Milliseconds after which the browser has to reconnect, which checks session and permission again. */
const LONGEST_MS = 10 * 60_000;

/** The most streams of one session at a time in this process. A browser opens one for each visible page. */
export const STREAMS_PER_SESSION = 20;
const open = new Map<string, number>();

const headers = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

/**
 * A response of server-sent events, until the reader leaves, is signed out, or `LONGEST_MS` are over; 429 if the
 * session has as many streams as allowed.
 * @param begin gets a function that sends an event and one that ends the stream later; returns the function that ends
 * its work
 * @throws whatever `begin` throws
 */
export function eventStream(
  app: Pick<App, "db" | "clock" | "log">,
  { sessionId, signal }: { sessionId: string; signal: AbortSignal },
  begin: (send: (event: string, data?: unknown) => void, end: () => void) => () => void,
): Response {
  const others = open.get(sessionId) ?? 0;
  if (others >= STREAMS_PER_SESSION) return new Response("Too many event streams.", { status: 429 });
  open.set(sessionId, others + 1);
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let isOpen = true;
      const write = (text: string) => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      const keepAlive = setInterval(() => {
        write(":\n\n");
        isSessionLive(app, sessionId).then(
          (isLive) => isLive || end(),
          (err: unknown) => app.log.warn({ err }, "The session behind a stream could not be looked at"),
        );
      }, KEEP_ALIVE_MS).unref();
      const longest = setTimeout(() => end(), LONGEST_MS).unref();
      let stop = () => {};
      end = () => {
        if (!isOpen) return;
        isOpen = false;
        const left = open.get(sessionId)! - 1;
        if (left === 0) open.delete(sessionId);
        else open.set(sessionId, left);
        clearInterval(keepAlive);
        clearTimeout(longest);
        stop();
        signal.removeEventListener("abort", end);
        try {
          controller.close();
        } catch {
          // The reader has left, so the stream is closed already.
        }
      };
      signal.addEventListener("abort", end);
      // A browser that loses the stream waits a second before it reconnects.
      write("retry: 1000\n\n");
      const send = (event: string, data: unknown = {}) =>
        write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      try {
        const begun = begin(send, () => end());
        if (isOpen) stop = begun;
        else begun();
      } catch (error) {
        end();
        throw error;
      }
      if (signal.aborted) end();
    },
    cancel: () => end(),
  });
  return new Response(body, { headers });
}
