import { guarded, idParam } from "~/auth/guard.server";
import { noSuchConnection } from "~/features/connections/context.server";
import { readProgress } from "~/features/connections/integrations.page.server";

/** The last run of each kind as JSON, for a page that follows them. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async ({ app, tenantId, params }) => {
    const runs = await readProgress(app.db, tenantId, idParam(params, "connectionId"));
    if (runs === null) throw noSuchConnection();
    return { runs, now: app.clock().getTime() };
  },
);
