import { upsertAlerts } from "@db/queries/alerts";
import { updateIntegration } from "@db/queries/integrations";
import { contentHash } from "~/domain/content-hash";
import type { AlertSnapshot } from "~/domain/snapshots";

import type { OpenResource, Resource } from "./resource";

/** All alerts of the account, active and resolved. */
export const alertsResource: Resource<AlertSnapshot> = {
  name: "alerts",
  tables: ["rmm_alerts"],
  isOptional: false,
  async open(): Promise<OpenResource<AlertSnapshot>> {
    return {
      list: (provider, walk) => provider.listAlerts({}, walk),
      idOf: (alert) => alert,
      async write(tx, scope, page) {
        const byId = new Map(
          page.items.map((item) => [item.externalId, { ...item, contentHash: contentHash(item) }]),
        );
        const written = await upsertAlerts(tx, scope, [...byId.values()], {
          at: page.observedAt,
          via: "sweep",
        });
        const created = written.filter((row) => row.inserted).length;
        return { created, updated: written.length - created, skipped: 0 };
      },
      async conclude(deps, tx, run) {
        await updateIntegration(tx, run.tenantId, run.integrationId, { lastAlertsSyncAt: deps.clock() });
      },
    };
  },
};
