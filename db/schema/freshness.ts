import { bigint, date, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";

import { clients } from "./clients";
import { connectionId } from "./integrations";
import { tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * For how much of a day the devices of a client were confirmed as recently as the connection's schedule promises. Each
 * complete full sync adds the time since the one before. Days are of UTC.
 */
export const freshnessDays = pgTable(
  "freshness_days",
  {
    tenantId: tenantId(),
    connectionId: connectionId(),
    clientId: uuid("client_id")
      .notNull()
      .references(() => clients.id, { onDelete: "cascade" }),
    day: date("day").notNull(),
    /** As the last full sync of the day listed them. */
    devices: integer("devices").notNull(),
    /** Seconds of the day, added up over the devices. */
    deviceSeconds: bigint("device_seconds", { mode: "number" }).notNull(),
    /** Those of them in which the last confirmation was as recent as promised. */
    freshSeconds: bigint("fresh_seconds", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.connectionId, t.day, t.clientId] }), tenantPolicy()],
);
