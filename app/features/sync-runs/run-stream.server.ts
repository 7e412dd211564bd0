import { eventStream } from "~/auth/event-stream.server";
import { notFound } from "~/auth/guard.server";
import type { App } from "~/platform/app.server";

import { watchRun } from "./run-feed.page.server";
import { readRunSummary } from "./runs.page.server";

export interface Watched {
  tenantId: string;
  runIds: string[];
  /** Of whoever reads. */
  sessionId: string;
}

/**
 * A stream of `run` events, each with a run and the server's time; it ends with the last run. One stream for all runs,
 * because a browser keeps six connections per server for all its tabs.
 * @throws Response 404 if the tenant does not have all of these runs
 */
export async function streamRuns(
  app: Pick<App, "db" | "clock" | "log">,
  { tenantId, runIds, sessionId }: Watched,
  signal: AbortSignal,
): Promise<Response> {
  const { db, clock, log } = app;
  const known = await Promise.all(runIds.map((runId) => readRunSummary(db, tenantId, runId)));
  if (known.includes(null)) throw notFound();
  return eventStream(app, { sessionId, signal }, (send, end) => {
    const watches = new Map<string, () => void>();
    const leave = (runId: string) => {
      watches.get(runId)?.();
      watches.delete(runId);
      if (watches.size === 0) end();
    };
    for (const runId of runIds) {
      const onError = (error: unknown) => log.warn({ err: error, runId }, "A run could not be looked at");
      const unwatch = watchRun({ db, tenantId, runId, onError }, (run) => {
        if (run !== null) send("run", { run, now: clock().getTime() });
        if (run === null || run.endedAt !== null) leave(runId);
      });
      watches.set(runId, unwatch);
    }
    return () => {
      for (const unwatch of watches.values()) unwatch();
    };
  });
}
