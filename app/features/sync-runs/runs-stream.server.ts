import { eventStream } from "~/auth/event-stream.server";
import type { App } from "~/platform/app.server";

import { watchRuns } from "./runs-feed.page.server";

/**
 * A stream that says `here` when it begins, and `changed` whenever a run of the tenant has begun, moved on or ended.
 * What has changed is read by whoever shows it.
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
