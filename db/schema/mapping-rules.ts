import { integer, index, pgTable, text, uuid } from "drizzle-orm/pg-core";

import { mappingStates } from "@domain/group-tree";

import { clients } from "./clients";
import { connectionId } from "./integrations";
import { createdAt, id, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** Rules that map groups by their path. The first rule that matches decides; see `domain/mapping-rules`. */
export const mappingRules = pgTable(
  "mapping_rules",
  {
    id: id(),
    tenantId: tenantId(),
    connectionId: connectionId(),
    position: integer("position").notNull(),
    pattern: text("pattern").notNull(),
    state: text("state", { enum: mappingStates }).notNull(),
    /** Set for a rule that maps to one client. */
    clientId: uuid("client_id").references(() => clients.id, { onDelete: "cascade" }),
    /** Set for a rule whose client depends on the group's path: a name with `{names}` from the pattern. */
    clientTemplate: text("client_template"),
    /** The names of a site and of the default contact, with `{names}` from the pattern as in the client's name. */
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
