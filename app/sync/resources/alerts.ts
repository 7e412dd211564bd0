import { countUntold } from "@db/queries/alert-polls";
import { upsertAlerts } from "@db/queries/alerts";
import { updateIntegration } from "@db/queries/integrations";
import { contentHash } from "~/domain/content-hash";
import type { AlertSnapshot } from "~/domain/snapshots";

import { countUntoldAlerts, reconcileAlerts } from "../alerts/reconcile";
import { ACTIVE_ALERTS } from "../request-sync";
import type { OpenResource, Resource } from "./resource";

/** The alerts of the account: all of them, active and resolved, or the active ones against what the webhook told. */
export const alertsResource: Resource<AlertSnapshot> = {
  name: "alerts",
  tables: ["rmm_alerts"],
  isOptional: false,
  async open(deps, _tx, run): Promise<OpenResource<AlertSnapshot>> {
    const isReconciliation = run.targetExternalId === ACTIVE_ALERTS;
    return {
      list: (provider, walk) =>
        isReconciliation ? reconcileAlerts(deps, run, provider, walk) : provider.listAlerts({}, walk),
      idOf: (alert) => alert,
      async write(tx, scope, page) {
        const observed = { observedAt: page.observedAt, observedVia: "sweep" as const };
        const byId = new Map(
          page.items.map((item) => [
            item.externalId,
            { ...item, contentHash: contentHash(item), ...observed },
          ]),
        );
        const written = await upsertAlerts(tx, scope, [...byId.values()]);
        if (isReconciliation) {
          const untold = countUntoldAlerts(written, page.items, page.observedAt);
          await countUntold(tx, scope.tenantId, run.id, untold);
        }
        const created = written.filter((row) => row.inserted).length;
        return { created, updated: written.length - created, skipped: 0 };
      },
      async conclude(deps, tx, run) {
        await updateIntegration(tx, run.tenantId, run.integrationId, { lastAlertsSyncAt: deps.clock() });
      },
    };
  },
};
