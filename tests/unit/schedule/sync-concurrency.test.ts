import { expect, it } from "vitest";

import { syncConcurrency } from "@inngest/functions/sync-concurrency";

it("on an Inngest server only tenants and connections are limited, not the installation", () => {
  expect(syncConcurrency(undefined).every((option) => "key" in option)).toBe(true);
});

it("with a limit over all syncs, a tenant gets half of the places, and at least one", () => {
  expect(syncConcurrency(5)).toEqual([{ key: "event.data.tenantId", limit: 3 }, { limit: 5 }]);
  expect(syncConcurrency(1)).toEqual([{ key: "event.data.tenantId", limit: 1 }, { limit: 1 }]);
});
