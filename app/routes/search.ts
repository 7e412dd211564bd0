import { guarded } from "~/auth/guard.server";
import { searchEverywhere } from "~/features/search/search.page.server";
import { searchText } from "~/platform/http/paging";

/** The records that match a text, of every kind that the reader may see, as JSON. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "account:self" },
  async ({ app, tenantId, user, url }) =>
    searchEverywhere(app.db, tenantId, user.role, searchText(url.searchParams) ?? ""),
);
