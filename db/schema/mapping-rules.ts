import { integer, index, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { mappingStates } from "@domain/group-tree";

import { clients } from "./clients";
import { connectionId } from "./integrations";
import { createdAt, id, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** Rules that map groups by their path, see `domain/mapping-rules`: the first that fits decides. */
export const mappingRules = pgTable(
  "mapping_rules",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    position: integer("position").notNull(),
    pattern: text("pattern").notNull(),
    state: text("state", { enum: mappingStates }).notNull(),
    /** Of a rule to one client. */
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "cascade" }),
    /** Of a rule whose client depends on the group's path: a name with `{names}` of the pattern. */
    clientTemplate: text("client_template"),
    /** Names of a site and of the default contact, with `{names}` of the pattern like the client's. */
    site: text("site"),
    contact: text("contact"),
    createdAt: createdAt(),
  },
  (t) => [
    index("mapping_rules_connection_idx").on(t.tenantId, t.connectionId),
    index("mapping_rules_client_idx").on(t.tenantId, t.clientId),
    tenantPolicy(),
  ],
);
