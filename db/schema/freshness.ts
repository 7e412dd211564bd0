import { bigint, date, doublePrecision, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";

import { clients } from "./clients";
import { connectionId } from "./integrations";
import { instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/**
 * How much of a day each client's devices were as recently confirmed as the connection's schedule promises. Each
 * complete full sync adds the time since the previous one. Days are UTC.
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
    /** How many devices the last full sync of the day listed. */
    devices: integer("devices").notNull(),
    /** The covered seconds of the day, added up over the devices. */
    deviceSeconds: bigint("device_seconds", { mode: "number" }).notNull(),
    /** The part of `deviceSeconds` during which the last confirmation was as recent as promised. */
    freshSeconds: bigint("fresh_seconds", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.connectionId, t.day, t.clientId] }), tenantPolicy()],
);

/** The state of a connection's freshness promise. No row while the connection promises nothing. */
export const freshnessPromises = pgTable(
  "freshness_promises",
  {
    tenantId: tenantId(),
    connectionId: connectionId().primaryKey(),
    sampledAt: instant("sampled_at").notNull(),
    brokenSince: instant("broken_since"),
    /** For a broken promise: since when it has been kept again, while no notice has said so. */
    heldSince: instant("held_since"),
  },
  () => [tenantPolicy()],
);

/**
 * The samples of a UTC day: their number, and the sums of the shares of devices that were late and that the promise
 * allows.
 */
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
