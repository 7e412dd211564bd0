import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

/** Whether something waits to be sent now, over all tenants: events to subscribers, notifications to people. */
export async function whatIsDue(db: Db, now: Date): Promise<{ outgoing: boolean; notifications: boolean }> {
  const at = now.toISOString();
  const [row] = await queryRows<{ outgoing: boolean; notifications: boolean }>(
    db,
    sql`select
          exists (select from outgoing_deliveries d
            join outgoing_subscriptions s on s.id = d.subscription_id and s.is_enabled
              and (s.rests_until is null or s.rests_until <= ${at})
            where d.status = 'pending' and d.next_attempt_at <= ${at}) as outgoing,
          exists (select from notifications
            where status = 'pending' and next_attempt_at <= ${at}) as notifications`,
  );
  return row!;
}
