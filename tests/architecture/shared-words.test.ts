import { expect, it } from "vitest";

import { rmmOrganizationMappings, rmmSyncRunPages, rmmSyncRuns } from "@db/schema";
import { runStatuses, syncResources, syncTriggers, syncTypes } from "~/domain/sync-words";

it.each([
  ["types of a run", rmmSyncRuns.type, syncTypes],
  ["triggers of a run", rmmSyncRuns.trigger, syncTriggers],
  ["states of a run", rmmSyncRuns.status, runStatuses],
  ["resources of a page", rmmSyncRunPages.resource, syncResources],
  ["states of a mapping", rmmOrganizationMappings.state, ["mapped", "inherit", "excluded"]],
])("the %s are the same words in the schema as in the domain", (_what, column, words) => {
  expect(column.enumValues).toEqual(words);
});
