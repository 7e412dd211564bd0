import { eventStream } from "~/auth/event-stream.server";
import { guarded } from "~/auth/guard.server";
import { watchChanges } from "~/platform/live/watch-changes";

/**
 * The tenant's changes as a stream of server-sent events: `here` once the initial state is read, then `changed` with
 * the topics. A page that loads its data at `here` and at each `changed` misses no change.
 */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, session, request }) =>
    eventStream(app, { sessionId: session.id, signal: request.signal }, (send) =>
      watchChanges(
        app.db,
        tenantId,
        { onBegin: () => send("here"), onChange: (changed) => send("changed", changed) },
        (err) => app.log.warn({ err }, "The changes of a tenant could not be read"),
      ),
    ),
);
