import fc from "fast-check";
import { expect } from "vitest";

import { signWebhook } from "../level-simulator";
import { createSyncWorld } from "./sync";
import { createWebhookWorld } from "./webhook";
import { arbitraryBody, arbitraryHeaders, arbitraryTenant, bytesOf } from "./webhook-arbitraries";

/** Concurrent requests: as many as the pool has connections. */
const AT_ONCE = 8;

/** Runs the property for `requests` generated requests, several at a time, and shrinks a failure. */
export const forMany = <T>(requests: number, one: fc.Arbitrary<T>, judge: (value: T) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (batch) => {
      await Promise.all(batch.map(judge));
    }),
    { numRuns: Math.ceil(requests / AT_ONCE) },
  );

/** Without a valid secret: never a 5xx, and only the counter is written. */
export async function fuzzWithoutSecret(requests: number): Promise<void> {
  const world = await createSyncWorld({ devices: 5, alerts: 0 });
  try {
    const hook = await createWebhookWorld(world);
    let ip = 0;
    const request = fc.record({ body: arbitraryBody, headers: arbitraryHeaders, tenant: arbitraryTenant });
    await forMany(requests, request, async ({ body, headers, tenant }) => {
      const answer = await hook.request({
        body: bytesOf(body),
        headers,
        ip: `ip-${ip++}`,
        ...(tenant === "right" ? {} : { tenant }),
      });
      expect([400, 401, 413, 415]).toContain(answer.status);
    });
    expect(await hook.deliveries()).toEqual([]);
    expect(await hook.alerts()).toEqual([]);
    expect(await hook.events()).toEqual([]);
    expect((await hook.rejections()).reduce((sum, row) => sum + row.count, 0)).toBeGreaterThan(requests / 4);
  } finally {
    await world.close();
  }
}

/** With the valid secret: accepted, or refused as unreadable, but never a 5xx. */
export async function fuzzWithSecret(requests: number): Promise<void> {
  const world = await createSyncWorld({ devices: 5, alerts: 0 });
  try {
    const hook = await createWebhookWorld(world);
    const seen = new Set<number>();
    let ip = 0;
    const request = fc.record({ body: arbitraryBody, isSigned: fc.boolean() });
    await forMany(requests, request, async ({ body: generated, isSigned }) => {
      const body = bytesOf(generated);
      const credential: Record<string, string> = isSigned
        ? { "x-level-signature": signWebhook(body, hook.secret) }
        : { "x-alga-webhook-secret": hook.secret };
      const answer = await hook.request({
        body,
        headers: { "content-type": "application/json", ...credential },
        // The endpoint refuses a body that is too large before it checks the signature, and too many of them throttle
        // an address.
        ip: `ip-${ip++}`,
      });
      expect([200, 202, 400, 413]).toContain(answer.status);
      seen.add(answer.status);
    });
    expect([...seen].sort()).toEqual([200, 202, 400, 413]);
    for (const { body } of await hook.deliveries()) expect(body).not.toContain(hook.secret);
  } finally {
    await world.close();
  }
}
