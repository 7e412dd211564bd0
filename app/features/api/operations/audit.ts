import * as z from "zod";

import { listAudit } from "@db/queries/audit/audit";
import { auditActions } from "@domain/audit-actions";

import { operation } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { instantText, searchWords, toInstant } from "../base/shapes";

const entry = z
  .object({
    id: z.uuid(),
    at: instantText,
    actor: z.string().meta({ description: "Who did it: an e-mail, a token, `schedule`, …" }),
    action: z.string().meta({ description: "`<thing>.<past participle>`", example: "client.renamed" }),
    targetType: z.string().nullable(),
    targetId: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).meta({ description: "What changed; never a secret." }),
    ip: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });

export const auditOperations = [
  operation({
    id: "listAuditEntries",
    method: "GET",
    path: "/audit",
    tag: "Audit log",
    summary: "Who did what, the newest first",
    scope: "admin",
    permission: "audit:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the actor, the target or the details." }),
        action: z.enum(auditActions).optional(),
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional().meta({ description: "Exclusive." }),
      })
      .strict(),
    success: { status: 200, description: "A page of the log", schema: pageOf(entry) },
    run: async ({ inTenant, tenantId }, { query: { q, action, from, to, limit, cursor } }) => {
      const before = decodeCursor(idPlace, cursor)?.[0];
      const filter = {
        ...(q !== undefined && { text: q }),
        ...(action !== undefined && { actions: [action] }),
        ...(from !== undefined && { from: new Date(from) }),
        ...(to !== undefined && { to: new Date(to) }),
      };
      const rows = await inTenant((tx) =>
        listAudit(tx, tenantId, filter, { limit: limit + 1, ...(before !== undefined && { before }) }),
      );
      return {
        body: page(
          rows,
          limit,
          ({ id, createdAt, actor, action: done, targetType, targetId, details, ip }) => ({
            id,
            at: toInstant(createdAt),
            actor,
            action: done,
            targetType,
            targetId,
            details: details as Record<string, unknown>,
            ip,
          }),
          ({ id }) => [id],
        ),
      };
    },
  }),
];
