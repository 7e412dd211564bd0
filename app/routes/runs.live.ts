import { guarded } from "~/auth/guard.server";
import { streamChanges } from "~/features/sync-runs/runs-stream.server";

/** That something has changed about the tenant's runs, as a stream of server-sent events. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, session, request }) =>
    streamChanges(app, { tenantId, sessionId: session.id, signal: request.signal }),
);
