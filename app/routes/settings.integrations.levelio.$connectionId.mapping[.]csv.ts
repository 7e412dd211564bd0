import { guarded } from "~/auth/guard.server";
import { connectionOf, noSuchConnection } from "~/features/connections/context.server";
import { readCodedMapping } from "~/features/mapping/mapping-code.server";
import { mappingColumns, mappingCsvRows } from "~/features/mapping/mapping-file.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

/** The mapping in the format that `map export` writes and `map plan` and `map apply` read. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { ref } = await connectionOf(context, "levelio");
    const found = await readCodedMapping(context.app.sync, ref);
    if (found === null) throw noSuchConnection();
    const rows = mappingCsvRows(found);
    return csvDownload(csvOptions(context.url), "mapping.csv", mappingColumns, () =>
      Promise.resolve(rows.splice(0)),
    );
  },
);
