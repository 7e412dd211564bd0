import { guarded, isId, notFound } from "~/auth/guard.server";
import { streamRuns } from "~/features/sync-runs/run-stream.server";

/** More than a page shows under way at a time. */
const MAX_RUNS = 20;

/** How the runs stand that the address names (`?run=…&run=…`), as one stream of server-sent events. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, session, url, request }) => {
    const runIds = [...new Set(url.searchParams.getAll("run"))];
    if (runIds.length === 0 || runIds.length > MAX_RUNS || !runIds.every(isId)) throw notFound();
    return streamRuns(app, { tenantId, runIds, sessionId: session.id }, request.signal);
  },
);
