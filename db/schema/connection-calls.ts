import { boolean, integer, pgTable, primaryKey } from "drizzle-orm/pg-core";

import { connectionId } from "./integrations";
import { instant, tenantPolicy } from "./shared";
import { tenantId } from "./tenants";

/** What calls to an RMM outside of runs came to, by the hour; a run keeps its own. */
export const connectionCalls = pgTable(
  "connection_calls",
  {
    tenantId: tenantId(),
    connectionId: connectionId(),
    /** When the hour began. */
    hour: instant("hour").notNull(),
    /** By a schedule, not for a person, a webhook or a rule. */
    isScheduled: boolean("is_scheduled").notNull(),
    requests: integer("requests").notNull(),
    /** Answers of 429. */
    rateLimits: integer("rate_limits").notNull(),
  },
  (t) => [primaryKey({ columns: [t.connectionId, t.hour, t.isScheduled] }), tenantPolicy()],
);
