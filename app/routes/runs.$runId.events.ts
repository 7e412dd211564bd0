import { guarded, idParam } from "~/auth/guard.server";
import { streamRun } from "~/web/run-stream.server";

/** How a run stands, as a stream of server-sent events. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, request }) =>
    streamRun(app, { tenantId, runId: idParam(params, "runId") }, request.signal),
);
