import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

interface Due {
  outgoing: boolean;
  notifications: boolean;
  incidents: boolean;
  tickets: boolean;
}

/**
 * Which work is due now, over all tenants: events for subscribers, notifications for people, alerts to group or to
 * resolve in the RMM, automations to start, and work on tickets.
 */
export async function whatIsDue(db: Db, now: Date): Promise<Due> {
  const at = now.toISOString();
  const [row] = await queryRows<Due>(
    db,
    sql`select
          exists (select from outgoing_deliveries d
            join outgoing_subscriptions s on s.id = d.subscription_id and s.is_enabled
              and (s.rests_until is null or s.rests_until <= ${at})
            where d.status = 'pending' and d.next_attempt_at <= ${at}) as outgoing,
          exists (select from notifications
            where status in ('pending', 'waiting') and next_attempt_at <= ${at}) as notifications,
          exists (select from rmm_alerts where grouping_due > 0)
            or exists (select from incident_resolutions where next_attempt_at <= ${at})
            or exists (select from automation_starts where next_attempt_at <= ${at}) as incidents,
          exists (select from tickets t
            join ticket_systems s on s.id = t.system_id and s.is_enabled
              and (s.rests_until is null or s.rests_until <= ${at})
            where t.action is not null and not t.is_given_up and t.next_attempt_at <= ${at}) as tickets`,
  );
  return row!;
}
