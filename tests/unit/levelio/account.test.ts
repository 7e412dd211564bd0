import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { createLevelProvider } from "~/connectors/levelio/provider.server";
import type { ProviderPage, RmmProvider } from "~/connectors/rmm-provider";

import { type FaultRule, type Simulator, startSimulator } from "../../level-simulator";

let level: Simulator;
let provider: RmmProvider;

beforeAll(async () => {
  level = await startSimulator({ devices: 450, seed: 7 });
  provider = createLevelProvider({
    apiKey: level.apiKey,
    baseUrl: level.url,
    stats: { requests: 0, retries: 0, rateLimits: 0, rateLimitedMs: 0 },
    sleep: async () => undefined,
    timeoutMs: 2_000,
  });
});
afterEach(() => level.reset());
afterAll(() => level.close());

async function walk<Item>(pages: AsyncIterable<ProviderPage<Item>>) {
  const items: Item[] = [];
  const issues: unknown[] = [];
  const sizes: number[] = [];
  for await (const page of pages) {
    items.push(...page.items);
    issues.push(...page.issues);
    sizes.push(page.idsSeen.length);
  }
  return { items, issues, sizes };
}

const wholeAccount = async () => ({
  groups: await walk(provider.listGroups()),
  devices: await walk(provider.listDevices()),
  updates: await walk(provider.listUpdates({ status: "available" })),
  alerts: await walk(provider.listAlerts()),
});

describe("a whole account", () => {
  it("is read in pages of a hundred, every record of it, with nothing left out", async () => {
    const { groups, devices, updates, alerts } = await wholeAccount();
    expect(devices.sizes).toEqual([100, 100, 100, 100, 50]);
    expect(new Set(devices.items.map((device) => device.externalId)).size).toBe(450);
    for (const { issues } of [groups, devices, updates, alerts]) expect(issues).toEqual([]);

    const groupIds = new Set(groups.items.map((group) => group.externalId));
    const grouped = devices.items.filter((device) => device.externalGroupId !== null);
    expect(grouped.every((device) => groupIds.has(device.externalGroupId!))).toBe(true);
    const told = devices.items.filter((device) => device.osType !== null);
    expect(new Set(told.map((device) => device.osType))).toEqual(new Set(["Windows", "Mac", "Linux"]));
    expect(told.every((device) => device.disks.length > 0 && device.osVersion !== null)).toBe(true);
    expect(updates.items.every((update) => update.isAvailable)).toBe(true);
    expect(new Set(alerts.items.map((alert) => alert.status))).toEqual(new Set(["active", "resolved"]));
  });

  it("reads the same through faults at every tenth request", async () => {
    const undisturbed = await wholeAccount();
    level.reset();
    const faults: FaultRule[] = [
      { kind: "rate_limit", retryAfter: 1, probability: 0.03 },
      { kind: "rate_limit", retryAfter: { seconds: 1, form: "date" }, probability: 0.03 },
      { kind: "status", status: 503, probability: 0.02 },
      { kind: "cut_json", probability: 0.02 },
      { kind: "reset", when: "body", probability: 0.02 },
    ];
    for (const fault of faults) level.faults.add(fault);
    expect(await wholeAccount()).toEqual(undisturbed);
  });

  it("misses no device when one moves to a later page under the walk", async () => {
    const pages = provider.listDevices();
    const first = (await pages.next()).value as ProviderPage<{ externalId: string }>;
    level.account.requeueDevice(first.idsSeen[5]!);
    const rest = await walk(pages);
    const met = new Set([...first.idsSeen, ...rest.items.map((device) => device.externalId)]);
    expect(met.size).toBe(450);
  });

  it("whose updates may not be read still gives its devices", async () => {
    level.faults.add({ kind: "forbidden", resource: "updates" });
    await expect(walk(provider.listUpdates())).rejects.toMatchObject({
      code: "forbidden",
      userMessage: "This API key may not read updates.",
    });
    expect((await walk(provider.listDevices())).items).toHaveLength(450);
  });

  it.each(["repeat_cursor", "empty_with_more", "no_ids"] as const)(
    "with the list fault %s ends with the error for an endless list",
    async (kind) => {
      level.faults.add({ kind, resource: "devices", afterRequests: 2 });
      await expect(walk(provider.listDevices())).rejects.toMatchObject({ code: "endless_list" });
    },
  );

  it("whose cursor was deleted during the walk reports a lost place", async () => {
    const pages = provider.listDevices();
    const first = await pages.next();
    level.account.removeDevice((first.value as ProviderPage<unknown>).cursorAfter!);
    await expect(pages.next()).rejects.toMatchObject({ code: "cursor_lost" });
  });

  it("resolves an alert, with a key that may write", async () => {
    const { items } = await walk(provider.listAlerts({ status: "active" }));
    const { externalId } = items[0]!;
    expect(await provider.resolveAlert(externalId)).toMatchObject({
      state: "found",
      item: { status: "resolved" },
    });
    expect(await provider.getAlert(externalId)).toMatchObject({
      state: "found",
      item: { status: "resolved" },
    });
  });
});
