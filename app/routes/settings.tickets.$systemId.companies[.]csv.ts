import { guarded, isId, notFound } from "~/auth/guard.server";
import { readCompanies } from "~/features/tickets/companies.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

/** Every client with its id in a ticket system, in the format that the page imports. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:manage" },
  async ({ app, tenantId, params, url }) => {
    const systemId = params["systemId"];
    const page = isId(systemId) ? await readCompanies(app.db, { tenantId, systemId }) : null;
    if (page === null) throw notFound("This ticket system does not exist or was removed.");
    let rows = page.clients.map(({ name, companyId }) => [name, companyId ?? ""]);
    return csvDownload(csvOptions(url), "ticket-companies.csv", ["client", "company_id"], () => {
      const batch = rows;
      rows = [];
      return Promise.resolve(batch);
    });
  },
);
