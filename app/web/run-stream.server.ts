import type { App } from "~/app.server";
import { watchRun } from "~/presenters/run-feed.server";
import { readRunSummary } from "~/presenters/runs.server";

/** A line now and then, so that no proxy takes the stream for dead. */
const KEEP_ALIVE_MS = 15_000;

/** Then the browser connects anew, and it is looked at again who may watch. */
const LONGEST_MS = 10 * 60_000;

const headers = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

/**
 * A stream of `run` events, each with the run as a list shows it and the server's time; it ends with the run.
 * @throws Response 204 (which tells a browser not to come again) when the tenant has no such run
 */
export async function streamRun(
  { db, clock, log }: Pick<App, "db" | "clock" | "log">,
  { tenantId, runId }: { tenantId: string; runId: string },
  signal: AbortSignal,
): Promise<Response> {
  if ((await readRunSummary(db, tenantId, runId)) === null) throw new Response(null, { status: 204 });
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let isOpen = true;
      const send = (text: string) => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      const keepAlive = setInterval(() => send(":\n\n"), KEEP_ALIVE_MS).unref();
      const longest = setTimeout(() => end(), LONGEST_MS).unref();
      let unwatch = () => {};
      end = () => {
        if (!isOpen) return;
        isOpen = false;
        clearInterval(keepAlive);
        clearTimeout(longest);
        unwatch();
        signal.removeEventListener("abort", end);
        try {
          controller.close();
        } catch {
          // The reader has gone: the stream is closed already.
        }
      };
      signal.addEventListener("abort", end);
      // A browser that loses the stream waits a second before it connects anew.
      send("retry: 1000\n\n");
      const onError = (error: unknown) => log.warn({ err: error, runId }, "A run could not be looked at");
      unwatch = watchRun({ db, tenantId, runId, onError }, (run) => {
        if (run === null) return end();
        send(`event: run\ndata: ${JSON.stringify({ run, now: clock().getTime() })}\n\n`);
        if (run.endedAt !== null) end();
      });
      if (signal.aborted || !isOpen) {
        end();
        unwatch();
      }
    },
    cancel: () => end(),
  });
  return new Response(body, { headers });
}
