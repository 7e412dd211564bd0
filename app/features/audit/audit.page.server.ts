import { withTenant, type Db } from "@db/client";
import { listAudit, listAuditActions, type AuditFilter } from "@db/queries/audit/audit";

const AUDIT_PAGE_SIZE = 100;

/** What to look for. `action` is an action or its thing: `client` finds `client.renamed`. */
export interface AuditSearch extends Omit<AuditFilter, "actions"> {
  action?: string;
}

/** A page of the log behind the entry `before`, newest first, and the actions to choose from. Two statements. */
export async function readAudit(
  db: Db,
  tenantId: string,
  { action, ...filter }: AuditSearch,
  before: string | undefined,
) {
  return withTenant(db, tenantId, async (tx) => {
    const actions = await listAuditActions(tx, tenantId);
    // By their full names, which an index finds.
    const wanted = actions.filter((name) => name === action || name.startsWith(`${action}.`));
    const chosen = { ...filter, ...(action !== undefined && { actions: wanted }) };
    const rows = await listAudit(tx, tenantId, chosen, {
      limit: AUDIT_PAGE_SIZE + 1,
      ...(before === undefined ? {} : { before }),
    });
    const entries = rows.slice(0, AUDIT_PAGE_SIZE).map(({ tenantId: _tenantId, details, ...entry }) => ({
      ...entry,
      details: Object.entries(details).map(([name, value]) => ({
        name,
        value: shown(value),
        isStructured: typeof value === "object" && value !== null,
      })),
    }));
    return {
      entries,
      next: rows.length > AUDIT_PAGE_SIZE ? (entries.at(-1)?.id ?? null) : null,
      actions,
    };
  });
}

export type AuditEntryRow = Awaited<ReturnType<typeof readAudit>>["entries"][number];

/** A change of 2,000 groups is too long for a page; the log itself keeps what was written. */
const MAX_SHOWN = 4_000;

const shown = (value: unknown): string => {
  if (value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};
