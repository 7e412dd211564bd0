import { eventStream } from "~/auth/event-stream.server";
import type { App } from "~/platform/app.server";

import { watchRuns } from "./runs-feed.page.server";

/**
 * A stream that sends `here` once the initial state is read, and `changed` whenever a run of the tenant begins, progresses
 * or ends after that. The reader loads what changed: a reader that loads at `here` misses nothing.
 */
export function streamChanges(
  app: Pick<App, "db" | "clock" | "log">,
  { tenantId, ...reader }: { tenantId: string; sessionId: string; signal: AbortSignal },
): Response {
  const { db, log } = app;
  return eventStream(app, reader, (send) => {
    const onError = (err: unknown) => log.warn({ err }, "The runs could not be looked at");
    const onBegin = () => send("here");
    return watchRuns({ db, tenantId, onBegin, onError }, () => send("changed"));
  });
}
