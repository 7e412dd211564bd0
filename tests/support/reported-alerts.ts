import { withTenant, type Db } from "@db/client";
import type { AlertSnapshot } from "@domain/snapshots";
import { recordAlerts } from "~/features/alert-sync/record-alerts";
import { formIncidents } from "~/features/incidents/form-incidents";

/** Reports alerts by webhook at an instant, and forms the incidents that are due by then. */
export async function reportAndForm(
  db: Db,
  place: { tenantId: string; connectionId: string },
  now: Date,
  alerts: readonly AlertSnapshot[],
): Promise<void> {
  await withTenant(db, place.tenantId, (tx) =>
    recordAlerts(
      tx,
      { ...place, now },
      alerts.map((alert) => ({ alert, observedAt: now, observedVia: "webhook" as const })),
    ),
  );
  await formIncidents({ db, clock: () => now, nudge: () => {} });
}
