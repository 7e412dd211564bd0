import { guarded } from "~/auth/guard.server";
import { clientPartsCsv } from "~/features/clients/client-parts-csv.server";

/** Every contact of a client that is not archived. The file can be imported again. */
export const loader = /* @__PURE__ */ guarded({ permission: "clients:read" }, async (context) =>
  clientPartsCsv(context, "contact"),
);
