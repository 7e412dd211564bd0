import { bigint, date, doublePrecision, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";

import { clients } from "./clients";
import { connectionId } from "./integrations";
import { instant, tenantPolicy } from "./shared";
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
    /** The part of them in which the last confirmation was as recent as promised. */
    freshSeconds: bigint("fresh_seconds", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.connectionId, t.day, t.clientId] }), tenantPolicy()],
);

/** The state of a connection's promise of freshness; no row while it promises nothing. */
export const freshnessPromises = pgTable(
  "freshness_promises",
  {
    tenantId: tenantId(),
    connectionId: connectionId().primaryKey(),
    sampledAt: instant("sampled_at").notNull(),
    brokenSince: instant("broken_since"),
    /** For a broken promise: since when it holds again, without a notice yet. */
    heldSince: instant("held_since"),
  },
  () => [tenantPolicy()],
);

/** The samples of a day of UTC, with the shares of devices that were late and those that the promise allowed. */
export const freshnessPromiseDays = pgTable(
  "freshness_promise_days",
  {
    tenantId: tenantId(),
    connectionId: connectionId(),
    day: date("day").notNull(),
    samples: integer("samples").notNull(),
    missed: doublePrecision("missed").notNull(),
    allowed: doublePrecision("allowed").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.connectionId, t.day] }), tenantPolicy()],
);
