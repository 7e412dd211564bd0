import { expect, it } from "vitest";

import { WebhookThrottle } from "~/features/webhooks/throttle.server";

it("counts all addresses of one IPv6 network as one sender", async () => {
  const throttle = new WebhookThrottle({ receivedPerMinute: 1, refusedPerMinute: 1 });
  expect(await throttle.received("2001:db8:0:1::1")).toBeNull();
  expect(await throttle.received("2001:db8:0:1::2")).toBeGreaterThan(0);
  expect(await throttle.received("2001:db8:0:2::1")).toBeNull();

  expect(await throttle.refused("2001:db8:0:1::3", "a tenant")).toBeNull();
  expect(await throttle.isRefused("2001:db8:0:1:ffff::4", "a tenant")).toBeGreaterThan(0);
  expect(await throttle.refused("2001:db8:0:1::5", "a tenant")).toBeGreaterThan(0);
  expect(await throttle.isRefused("2001:db8:0:2::1", "a tenant")).toBeNull();
});
