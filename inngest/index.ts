import type { Inngest } from "inngest";
import { serve } from "inngest/remix";

import type { SyncDeps } from "~/platform/ports";

import { createAccountSyncFunction } from "./functions/account-sync";
import { createAutomationStartsFunction } from "./functions/automation-starts";
import { createCancelSyncFunction } from "./functions/cancel-sync";
import { createCustomFieldsFunction } from "./functions/custom-fields";
import { createDeviceSyncFunction } from "./functions/device-sync";
import { createFreshnessFunction } from "./functions/freshness-promise";
import { createGroupSyncFunction } from "./functions/group-sync";
import { createGroupsSyncFunction } from "./functions/groups-sync";
import { createIncidentsFunction } from "./functions/incidents";
import { createNotificationsFunction } from "./functions/notifications-deliver";
import { createOutgoingFunction } from "./functions/outgoing-deliver";
import { createReaperFunction } from "./functions/reaper";
import { createRelayFunction } from "./functions/relay";
import { createResolutionsFunction } from "./functions/resolutions";
import { createRetentionFunction } from "./functions/retention";
import { createLedgerFunction } from "./functions/device-ledger";
import { createRetireFunction } from "./functions/retire";
import { createSchedulerFunction } from "./functions/scheduler";
import { createSyncFunction } from "./functions/sync";
import { createTicketsFunction } from "./functions/tickets";
import { createWebhookLogFunction } from "./functions/webhook-log";

export { APP_ID, createInngestClient } from "./client";
export { createEmbeddedRunner, createRunnerFetch } from "./embedded-runner";

/** All durable functions with their dependencies. */
export function createFunctions(
  client: Inngest,
  deps: SyncDeps,
  relay: () => Promise<number>,
  deliver: Record<"outgoing" | "notifications" | "tickets" | "automations", () => Promise<number>>,
) {
  return [
    createSyncFunction(client, deps),
    createCancelSyncFunction(client, deps),
    createDeviceSyncFunction(client, deps),
    createGroupSyncFunction(client, deps),
    createGroupsSyncFunction(client, deps),
    createAccountSyncFunction(client, deps),
    createWebhookLogFunction(client, deps),
    createSchedulerFunction(client, deps),
    createRetentionFunction(client, deps),
    createLedgerFunction(client, deps),
    createFreshnessFunction(client, deps),
    createRetireFunction(client, deps),
    createCustomFieldsFunction(client, deps),
    createReaperFunction(client, deps),
    createRelayFunction(client, relay),
    createOutgoingFunction(client, deliver.outgoing),
    createNotificationsFunction(client, deliver.notifications),
    createIncidentsFunction(client, deps),
    createResolutionsFunction(client, deps),
    createTicketsFunction(client, deliver.tickets),
    createAutomationStartsFunction(client, deliver.automations),
  ];
}

/**
 * The HTTP handler through which an Inngest server, or the embedded runner in this process, executes the functions.
 *
 * Anybody may ask it to register the functions again. Without `serveOrigin` it would register the host of that request,
 * so that a stranger, or a request from inside the app's own container, could send the server to another address.
 */
export function createHandler(
  client: Inngest,
  functions: ReturnType<typeof createFunctions>,
  serveOrigin?: string,
) {
  return serve({ client, functions, ...(serveOrigin !== undefined && { serveOrigin }) });
}
