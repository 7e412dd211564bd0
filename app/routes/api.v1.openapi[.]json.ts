import { open } from "~/auth/guard.server";
import { createApiDocument } from "~/features/api/document.server";

/** The description of the JSON API. */
export const loader = /* @__PURE__ */ open("It describes the API and holds no data of anybody", ({ app }) =>
  Promise.resolve(
    Response.json(createApiDocument(app.config.publicUrl), { headers: { "Cache-Control": "no-store" } }),
  ),
);
