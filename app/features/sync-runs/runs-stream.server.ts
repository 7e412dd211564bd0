import { eventStream } from "~/auth/event-stream.server";
import type { App } from "~/platform/app.server";

import { watchRuns } from "./runs-feed.page.server";

/**
 * A stream that sends `here` at its start and `changed` whenever a run of the tenant begins, progresses or ends. The
 * reader loads what changed.
 */
export function streamChanges(
  app: Pick<App, "db" | "clock" | "log">,
  { tenantId, ...reader }: { tenantId: string; sessionId: string; signal: AbortSignal },
): Response {
  const { db, log } = app;
  return eventStream(app, reader, (send) => {
    send("here");
    const onError = (err: unknown) => log.warn({ err }, "The runs could not be looked at");
    return watchRuns({ db, tenantId, onError }, () => send("changed"));
  });
}
