import { pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";

import { coverageKinds } from "../../domain/coverage";
import { createdAt, id, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * A gap in the coverage that a person has decided to ignore, and why. No foreign key, because gaps are rows of four
 * tables.
 */
export const coverageIgnores = pgTable(
  "coverage_ignores",
  {
    id: id(),
    tenantId: tenantId(),
    kind: text("kind", { enum: coverageKinds }).notNull(),
    /** The id of the asset, of the device's row, of the client, or of the group's row. */
    subjectId: uuid("subject_id").notNull(),
    note: text("note").notNull(),
    actor: text("actor").notNull(),
    createdAt: createdAt(),
  },
  (t) => [uniqueIndex("coverage_ignores_key").on(t.tenantId, t.kind, t.subjectId), tenantPolicy()],
);
