import { listAllClientParts } from "@db/queries/clients/client-parts";
import { clientPartFields, type ClientPartKind } from "@domain/client-parts";
import type { Context } from "~/auth/guard.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const BATCH = 2000;

/** Sites or contacts as a file, sent while it is read. */
export function clientPartsCsv(
  { inTenant, tenantId, url }: Pick<Context, "inTenant" | "tenantId" | "url">,
  kind: ClientPartKind,
): Response {
  const fields = clientPartFields[kind];
  let after: string | undefined;
  return csvDownload(csvOptions(url), `${kind}s.csv`, ["client", ...fields], async () => {
    const rows = await inTenant((tx) => listAllClientParts(tx, tenantId, kind, { after, limit: BATCH }));
    after = rows.at(-1)?.id;
    return rows.map((row) => {
      const values = row as unknown as Record<string, string | null>;
      return [row.client, ...fields.map((field) => values[field])];
    });
  });
}
