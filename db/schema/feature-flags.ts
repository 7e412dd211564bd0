import { boolean, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

import { tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";

/**
 * Flags in which a tenant differs from the environment. Only the installation's owner may write them; the tenant role
 * may read.
 */
export const tenantFeatureFlags = pgTable(
  "tenant_feature_flags",
  {
    tenantId: tenantId(),
    flag: text("flag").notNull(),
    isOn: boolean("is_on").notNull(),
    updatedAt: updatedAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.flag] }), tenantPolicy()],
);
