import type { App } from "~/platform/app.server";

import { isSessionLive } from "./session.server";

/**
 * How often a line is sent, so that no proxy takes the stream for dead. The session is checked as often: a person who
 * is signed out or removed receives nothing beyond this interval.
 */
const KEEP_ALIVE_MS = 15_000;

/** After this the browser reconnects, and everything is checked again. */
const LONGEST_MS = 10 * 60_000;

/** Streams of one session at a time, in this process: a browser reads one for each visible page. */
export const STREAMS_PER_SESSION = 20;
const open = new Map<string, number>();

const headers = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

/**
 * A response of server-sent events, until the reader leaves, is signed out, or has read for long; 429 where the session
 * reads as many as it may. Whatever `begin` throws is thrown.
 * @param begin is given what sends an event and, for later, what ends the stream; returns what ends its work
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
          // The reader has gone: the stream is closed already.
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
