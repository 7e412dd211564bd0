import { redirect } from "@remix-run/node";

import { guarded, idParam, notFound } from "~/auth/guard.server";
import { providerOf } from "~/features/connections/integrations.page.server";

/** Redirects to a connection's page, for links that do not know the connection's provider. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, params }) => {
    const connectionId = idParam(params, "connectionId");
    const provider = await providerOf(app.db, tenantId, connectionId);
    if (provider === null) throw notFound();
    throw redirect(`/settings/integrations/${provider}/${connectionId}`);
  },
);
