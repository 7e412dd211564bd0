import { expect, it } from "vitest";

import {
  notifications,
  rmmIntegrations,
  rmmOrganizationMappings,
  rmmSyncRunPages,
  rmmSyncRuns,
  tenantExternalEntityMappings,
} from "@db/schema";
import { connectionHealths, notificationKinds } from "@domain/connection-health";
import { skipReasons } from "@domain/device-plan";
import { runStatuses, syncResources, syncTriggers, syncTypes } from "@domain/sync-words";

it.each([
  ["types of a run", rmmSyncRuns.type, syncTypes],
  ["triggers of a run", rmmSyncRuns.trigger, syncTriggers],
  ["states of a run", rmmSyncRuns.status, runStatuses],
  ["resources of a page", rmmSyncRunPages.resource, syncResources],
  ["reasons to have no asset", tenantExternalEntityMappings.skipReason, skipReasons],
  ["states of health", rmmIntegrations.health, connectionHealths],
  ["kinds of a notification", notifications.kind, notificationKinds],
  ["states of a mapping", rmmOrganizationMappings.state, ["mapped", "inherit", "excluded"]],
])("the %s are the same words in the schema as in the domain", (_what, column, words) => {
  expect(column.enumValues).toEqual(words);
});
