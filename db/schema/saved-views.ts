import { boolean, index, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { createdAt, id, tenantPolicy, updatedAt } from "./shared";
import { tenantId } from "./tenants";
import { users } from "./users";

/** The filters, order and columns of a list under a name, for their maker alone or for everybody of the tenant. */
export const savedViews = pgTable(
  "saved_views",
  {
    id: id(),
    tenantId: tenantId(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    list: text("list", { enum: ["assets"] }).notNull(),
    name: text("name").notNull(),
    /** The query of the list's address, without the position in the list. */
    query: text("query").notNull(),
    isShared: boolean("is_shared").notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index("saved_views_list_idx").on(t.tenantId, t.list, t.userId), tenantPolicy()],
);
