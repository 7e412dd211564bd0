import { guarded } from "~/auth/guard.server";
import { readClientBatch } from "~/features/clients/clients.page.server";
import { csvDownload } from "~/platform/http/csv.server";

const BATCH = 1000;
const columns = ["name", "notes", "assets", "servers", "online", "pending_updates", "groups"];

/** Every client that is not archived. The file can be read in again. */
export const loader = /* @__PURE__ */ guarded({ permission: "clients:read" }, async ({ app, tenantId }) => {
  let offset = 0;
  return csvDownload("clients.csv", columns, async () => {
    const rows = await readClientBatch(app.db, tenantId, false, offset, BATCH);
    offset += rows.length;
    return rows.map((row) => [
      row.name,
      row.notes,
      row.assets,
      row.servers,
      row.online,
      row.patches,
      row.groups,
    ]);
  });
});
