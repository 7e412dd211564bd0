import { guarded } from "~/auth/guard.server";
import { auditSearch, readAuditBatch } from "~/features/audit/audit.page.server";
import { sentenceOf } from "~/features/audit/audit-sentences";
import { CSV_BATCH, csvOfList, csvOptions } from "~/platform/http/csv.server";
import { readTimeZone } from "~/platform/http/preferences.server";

/** Every entry of the audit log that matches the filters of the address, newest first. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "audit:read" },
  async ({ app, tenantId, url, request }) => {
    const { filter } = auditSearch(url.searchParams, readTimeZone(request));
    return Promise.resolve(
      csvOfList(
        csvOptions(url),
        "audit.csv",
        {
          id: (entry) => entry.id,
          at: (entry) => entry.createdAt.toISOString(),
          who: (entry) => entry.actor,
          address: (entry) => entry.ip,
          action: (entry) => entry.action,
          what: (entry) => sentenceOf(entry.action, entry.details).join("…"),
          target_type: (entry) => entry.targetType,
          target_id: (entry) => entry.targetId,
          details: (entry) => JSON.stringify(entry.details),
        },
        (last: Awaited<ReturnType<typeof readAuditBatch>>[number] | undefined) =>
          readAuditBatch(app.db, tenantId, filter, { before: last?.id, limit: CSV_BATCH }),
      ),
    );
  },
);
