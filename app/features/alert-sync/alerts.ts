import { countMissedByWebhook, firstReceivedAt } from "@db/queries/alerts/alert-polls";
import { updateIntegration } from "@db/queries/connections/connections";
import type { AlertSnapshot } from "@domain/snapshots";
import { ACTIVE_ALERTS } from "@domain/sync-words";
import type { Pages, RmmProvider } from "~/connectors/rmm-provider";
import type { OpenResource, Resource } from "~/features/sync-engine/resource";
import type { SyncDeps } from "~/platform/ports";

import { countMissedAlerts } from "./count-missed";
import { reconcileAlerts } from "./reconcile";
import { recordAlerts } from "./record-alerts";

/** An alert as the only page of a walk; an empty page if the provider does not know it. */
async function* readAlert(deps: SyncDeps, provider: RmmProvider, alertId: string): Pages<AlertSnapshot> {
  const page = { idsSeen: [alertId], cursorAfter: null };
  const asked = await provider.getAlert(alertId);
  if (asked.state === "gone") return yield { ...page, items: [], issues: [], observedAt: deps.clock() };
  const { issues, observedAt } = asked;
  yield { ...page, items: asked.state === "found" ? [asked.item] : [], issues, observedAt };
}

/**
 * The alerts of the account: one alert by its id, all alerts, or the active ones compared with those that the webhook
 * reported.
 */
export const alertsResource: Resource<AlertSnapshot> = {
  name: "alerts",
  tables: ["rmm_alerts"],
  isOptional: true,
  async open(deps, tx, run): Promise<OpenResource<AlertSnapshot>> {
    const isReconciliation = run.targetExternalId === ACTIVE_ALERTS;
    const alertId = isReconciliation || run.targetExternalId === "" ? null : run.targetExternalId;
    const receivedSince = isReconciliation ? await firstReceivedAt(tx, run.tenantId, run.connectionId) : null;
    return {
      list: (provider, walk) => {
        if (alertId !== null) return readAlert(deps, provider, alertId);
        return isReconciliation ? reconcileAlerts(deps, run, provider, walk) : provider.listAlerts({}, walk);
      },
      idOf: (alert) => alert,
      async write(pageTx, scope, page) {
        const alerts = [...new Map(page.items.map((item) => [item.externalId, item])).values()];
        const observed = { observedAt: page.observedAt, observedVia: "sweep" as const };
        const recorded = await recordAlerts(
          pageTx,
          scope,
          alerts.map((alert) => ({ alert, ...observed })),
        );
        if (isReconciliation) {
          const missed = countMissedAlerts(recorded, alerts, page.observedAt, receivedSince);
          await countMissedByWebhook(pageTx, scope.tenantId, run.id, missed);
        }
        const created = recorded.filter(({ statusBefore }) => statusBefore === null).length;
        const changed = recorded.filter(({ outcome }) => outcome === "changed").length;
        return { created, updated: changed - created, skipped: 0 };
      },
      async conclude(_deps, endTx) {
        // A run for one alert says nothing about the other alerts.
        if (alertId === null)
          await updateIntegration(endTx, run.tenantId, run.connectionId, { lastAlertsSyncAt: deps.clock() });
        return 0;
      },
    };
  },
};
