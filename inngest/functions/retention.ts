import type { Inngest } from "inngest";

import { pruneOldAnswers } from "~/features/api/prune";
import {
  pruneDetails,
  pruneListedIds,
  pruneOldAudit,
  pruneOldAssetChanges,
  pruneOldEvents,
  pruneOldFreshness,
  pruneOldIgnoredRecords,
  pruneOldIncidents,
  pruneOldNotifications,
  pruneOldUpdates,
  summariseOldRuns,
} from "~/features/sync-runs/prune";
import type { SyncDeps } from "~/platform/ports";

import { eachInTurn } from "./steps";

/**
 * Each night: summarises old runs and deletes what is older than the installation keeps it; an error in one part delays
 * no other.
 */
export const createRetentionFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-retention",
      triggers: [{ cron: "41 3 * * *" }],
      retries: 2,
      singleton: { mode: "skip" },
      timeouts: { finish: "1h" },
    },
    async ({ step }) =>
      eachInTurn(step, {
        "prune-details": () => pruneDetails(deps),
        "summarise-runs": () => summariseOldRuns(deps),
        "prune-listed-ids": () => pruneListedIds(deps),
        "prune-incidents": () => pruneOldIncidents(deps),
        "prune-updates": () => pruneOldUpdates(deps),
        "prune-audit": () => pruneOldAudit(deps),
        "prune-events": () => pruneOldEvents(deps),
        "prune-asset-changes": () => pruneOldAssetChanges(deps),
        "prune-freshness": () => pruneOldFreshness(deps),
        "prune-notifications": () => pruneOldNotifications(deps),
        "prune-ignored-records": () => pruneOldIgnoredRecords(deps),
        "prune-api-answers": () => pruneOldAnswers(deps),
      }),
  );
