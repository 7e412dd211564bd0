import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { createLevelProvider } from "~/connectors/levelio/provider.server";
import { startSimulator, type FaultRule, type Simulator } from "@tests/level-simulator";

const TOKEN = "Wh-secret_7kQ2";
const DEVICES = ["Z2lkOi8vbGV2ZWwvRGV2aWNlLzE"];

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ devices: 1 });
});
afterAll(() => simulator.close());
beforeEach(() => simulator.account.automations.add(TOKEN));
afterEach(() => simulator.reset());

const start = (
  sendsKey = false,
  { apiKey = simulator.apiKey, baseUrl = simulator.url, token = TOKEN } = {},
) => {
  const stats = { requests: 0, retries: 0, rateLimits: 0, rateLimitedMs: 0 };
  return createLevelProvider({ apiKey, baseUrl, stats, timeoutMs: 300 }).startAutomation(
    { token, sendsKey },
    DEVICES,
  );
};

it("an automation is started on the devices by the trigger's token, without the key", async () => {
  expect(await start()).toEqual({ state: "started" });
  expect(simulator.account.automations.starts).toEqual([{ token: TOKEN, deviceIds: DEVICES }]);
});

it("a trigger that asks for authorization gets the key where the rule sends it", async () => {
  simulator.account.automations.add(TOKEN, { requiresAuthorization: true });
  expect(await start(false)).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("send the connection's key"),
  });
  const apiKey = simulator.readOnlyApiKey;
  expect(await start(true, { apiKey })).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("Read & write"),
  });
  expect(simulator.account.automations.starts).toEqual([]);
  expect(await start(true)).toEqual({ state: "started" });
});

it("a trigger that was deleted is refused", async () => {
  expect(await start(false, { token: "other" })).toMatchObject({ state: "refused" });
});

it("a server that cannot be reached has started nothing, so the call may be repeated", async () => {
  const closed = await startSimulator({ devices: 1 });
  await closed.close();
  expect(await start(false, { baseUrl: closed.url })).toMatchObject({ state: "later" });
});

it.each<[string, FaultRule, string, number]>([
  ["a rate limit", { kind: "rate_limit", retryAfter: 7 }, "later", 0],
  ["an answer that is lost", { kind: "reset" }, "unknown", 1],
  ["an answer that does not come", { kind: "hang" }, "unknown", 1],
  ["half an answer", { kind: "reset", when: "body" }, "unknown", 1],
  ["a server error", { kind: "status", status: 500 }, "unknown", 0],
  ["a gateway that answers in its place", { kind: "status", status: 502 }, "unknown", 0],
  ["a web page", { kind: "html" }, "unknown", 0],
  ["another address", { kind: "status", status: 302, headers: { location: "/" } }, "unknown", 0],
  ["a refusal", { kind: "status", status: 422 }, "refused", 0],
  [
    "a yes without JSON",
    { kind: "status", status: 202, body: "OK", contentType: "text/plain" },
    "started",
    0,
  ],
  ["a yes without a body", { kind: "status", status: 200, body: "" }, "started", 0],
])(
  "after %s Plumbline calls Level once, and no message has the token",
  async (_what, fault, state, starts) => {
    simulator.faults.add({ resource: "automations", ...fault });
    const answer = await start();
    expect(answer.state).toBe(state);
    expect(simulator.stats.requests).toBe(1);
    expect(simulator.account.automations.starts).toHaveLength(starts);
    expect(JSON.stringify(answer)).not.toContain(TOKEN);
  },
);
