import { boolean, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { connectionId } from "./integrations";
import { instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** The calls to an RMM outside of runs, added up by the hour. A run counts its own calls. */
export const connectionCalls = pgTable(
  "connection_calls",
  {
    tenantId: tenantId(),
    connectionId: connectionId(),
    /** When the hour began. */
    hour: instant("hour").notNull(),
    /** Whether a schedule made the calls, rather than a person, a webhook or a rule. */
    isScheduled: boolean("is_scheduled").notNull(),
    requests: integer("requests").notNull(),
    /** The number of answers with status 429. */
    rateLimits: integer("rate_limits").notNull(),
  },
  (t) => [primaryKey({ columns: [t.connectionId, t.hour, t.isScheduled] }), tenantPolicy()],
);
