import { sql, type SQL } from "drizzle-orm";

import type { HeldKind } from "@domain/sync-words";

import { contains } from "../shared/search";

export interface HeldFilter {
  connectionId?: string;
  runId?: string;
  kind?: HeldKind;
  /** The present client of the asset; null finds assets without one. */
  clientId?: string | null;
  /** Part of the device's name. */
  text?: string;
}

/** The condition that a held change `h` matches the filter. */
export function matchesFilter({ connectionId, runId, kind, clientId, text }: HeldFilter): SQL {
  return sql.join(
    [
      sql`h.state = 'held'`,
      ...(connectionId === undefined ? [] : [sql`h.integration_id = ${connectionId}`]),
      ...(runId === undefined ? [] : [sql`h.run_id = ${runId}`]),
      ...(kind === undefined ? [] : [sql`h.kind = ${kind}`]),
      ...(clientId === undefined
        ? []
        : [
            sql`(select a.client_id from assets a where a.tenant_id = h.tenant_id and a.id = h.asset_id)
              is not distinct from ${clientId}::uuid`,
          ]),
      ...(text === undefined ? [] : [contains(sql`h.name`, text)]),
    ],
    sql` and `,
  );
}
