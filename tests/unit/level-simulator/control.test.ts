import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startSimulator, type Simulator } from "../../level-simulator";
import { get } from "./client";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ devices: 60, control: true });
});
afterAll(() => simulator.close());

async function control(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${simulator.url}/_control/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

it("adds and clears faults", async () => {
  await control("POST", "faults", { kind: "rate_limit", retryAfter: 2, times: 5 });
  expect((await get(simulator, "/v2/groups")).headers.get("retry-after")).toBe("2");
  await control("DELETE", "faults");
  expect((await get(simulator, "/v2/groups")).status).toBe(200);
});

it("changes the account and answers what came of it", async () => {
  const added = await control("POST", "mutate", { op: "addDevice", args: [{ hostname: "E2E-01" }] });
  const { result } = added.json as { result: { id: string } };
  expect(simulator.account.devices.require(result.id).hostname).toBe("E2E-01");
  const removed = await control("POST", "mutate", { op: "removeDevice", args: [result.id] });
  expect(removed).toEqual({ status: 200, json: { result: null } });
  expect(simulator.account.devices.has(result.id)).toBe(false);
});

it("says what the account holds and what was asked of it, without counting the control requests", async () => {
  const account = await control("GET", "account");
  expect(account.json).toMatchObject({
    devices: 60,
    groups: simulator.account.groups.size,
    topLevelGroups: 1,
  });
  const before = simulator.stats.requests;
  expect((await control("GET", "stats")).json).toMatchObject({ requests: before });
  expect(simulator.stats.requests).toBe(before);
});

it("sets the latency, and resets all of it", async () => {
  await control("POST", "latency", { ms: 400 });
  const started = performance.now();
  await get(simulator, "/v2/groups");
  expect(performance.now() - started).toBeGreaterThanOrEqual(395);
  await control("POST", "reset");
  expect(simulator.stats.requests).toBe(0);
  const tookMs: number[] = [];
  for (let n = 0; n < 5; n++) {
    const again = performance.now();
    await get(simulator, "/v2/groups");
    tookMs.push(performance.now() - again);
  }
  // The best of five: a busy machine delays some.
  expect(Math.min(...tookMs)).toBeLessThan(395);
});

it("sends the answers that wait once the latency is taken away", async () => {
  await control("POST", "latency", { ms: 3_600_000 });
  const waiting = Promise.all([get(simulator, "/v2/groups"), get(simulator, "/v2/devices")]);
  await vi.waitUntil(() => simulator.stats.inFlight === 2);
  await control("POST", "latency", { ms: 0 });
  expect((await waiting).map(({ status }) => status)).toEqual([200, 200]);
});

it.each([
  ["POST", "faults", { kind: "explode" }],
  ["POST", "mutate", { op: "constructor" }],
  ["POST", "mutate", { op: "removeDevice", args: ["no such device"] }],
  ["POST", "latency", { ms: "fast" }],
])("answers 400 with a reason to a bad %s %s", async (method, path, body) => {
  const { status, json } = await control(method, path, body);
  expect(status).toBe(400);
  expect((json as { error: string }).error).not.toBe("");
});

it("answers 404 to a control it does not have", async () => {
  expect((await control("GET", "nothing")).status).toBe(404);
});
