import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type FaultRule, type Simulator } from "../../level-simulator";
import { get, list, walk } from "./client";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ devices: 250 });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.close());

const statuses = async (count: number, path = "/v2/devices?limit=1") => {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await get(simulator, path)).status);
  return seen;
};

describe("when a rule strikes", () => {
  it("lets the first requests pass and stops after its times", async () => {
    const rule = simulator.faults.add({ kind: "status", status: 503, afterRequests: 2, times: 2 });
    expect(await statuses(6)).toEqual([200, 200, 503, 503, 200, 200]);
    expect(rule.hits).toBe(2);
  });

  it("strikes only its resource", async () => {
    simulator.faults.add({ kind: "forbidden", resource: "updates" });
    expect((await get(simulator, "/v2/updates")).status).toBe(403);
    expect((await get(simulator, "/v2/alerts")).status).toBe(200);
  });

  it("strikes lists and single records apart", async () => {
    simulator.faults.add({ kind: "status", status: 404, resource: "devices", target: "item" });
    const [id] = simulator.account.devices.ids();
    expect((await get(simulator, `/v2/devices/${id}`)).status).toBe(404);
    expect((await get(simulator, "/v2/devices")).status).toBe(200);
  });

  it("strikes by a chance that repeats with the seed", async () => {
    const rule: FaultRule = { kind: "status", status: 500, probability: 0.3 };
    simulator.faults.add(rule);
    const once = await statuses(40);
    simulator.faults.clear();
    simulator.faults.add(rule);
    expect(await statuses(40)).toEqual(once);
    const struck = once.filter((status) => status === 500).length;
    expect(struck).toBeGreaterThan(3);
    expect(struck).toBeLessThan(25);
  });

  it("ends when it is removed", async () => {
    const rule = simulator.faults.add({ kind: "forbidden" });
    expect(await statuses(1)).toEqual([403]);
    rule.remove();
    expect(await statuses(1)).toEqual([200]);
  });

  it("refuses a rule it does not understand", () => {
    expect(() => simulator.faults.add({ kind: "staus" } as unknown as FaultRule)).toThrow();
    expect(() =>
      simulator.faults.add({ kind: "forbidden", resorce: "groups" } as unknown as FaultRule),
    ).toThrow();
  });
});

describe("rate limits", () => {
  it.each([
    ["seconds", 7, "7"],
    ["any text", "soon", "soon"],
    ["nothing", undefined, null],
  ] as const)("tell to wait in %s", async (_, retryAfter, header) => {
    simulator.faults.add({ kind: "rate_limit", retryAfter });
    const response = await get(simulator, "/v2/groups");
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe(header);
    expect(simulator.stats.rateLimited).toBe(1);
  });

  it("tell to wait until an HTTP date, never too short", async () => {
    simulator.faults.add({ kind: "rate_limit", retryAfter: { seconds: 3, form: "date" } });
    const asked = Date.now();
    const header = (await get(simulator, "/v2/groups")).headers.get("retry-after") ?? "";
    expect(header).toMatch(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/);
    expect(Date.parse(header)).toBeGreaterThanOrEqual(asked + 3000);
    expect(Date.parse(header)).toBeLessThan(Date.now() + 5000);
  });

  it("hold an account to its requests a minute", async () => {
    const limited = await startSimulator({ devices: 1, requestsPerMinute: 2 });
    try {
      expect((await get(limited, "/v2/groups")).status).toBe(200);
      expect((await get(limited, "/v2/devices")).status).toBe(200);
      const third = await get(limited, "/v2/alerts");
      expect(third.status).toBe(429);
      expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
    } finally {
      await limited.close();
    }
  });
});

describe("broken answers", () => {
  it("cuts the JSON of a whole HTTP answer", async () => {
    simulator.faults.add({ kind: "cut_json" });
    const response = await get(simulator, "/v2/devices");
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(Number(response.headers.get("content-length"))).toBe(Buffer.byteLength(text));
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it("answers a page of HTML", async () => {
    simulator.faults.add({ kind: "html" });
    const response = await get(simulator, "/v2/devices");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  });

  it("answers any status, body and header", async () => {
    simulator.faults.add({
      kind: "status",
      status: 302,
      body: "",
      headers: { location: "http://127.0.0.1:9/" },
    });
    const response = await fetch(`${simulator.url}/v2/groups`, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "http://127.0.0.1:9/"]);
  });

  it("resets the connection before the answer", async () => {
    simulator.faults.add({ kind: "reset" });
    await expect(get(simulator, "/v2/devices")).rejects.toThrow("fetch failed");
  });

  it("resets the connection in the middle of the body", async () => {
    simulator.faults.add({ kind: "reset", when: "body", times: 1 });
    const response = await get(simulator, "/v2/devices");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
    expect(await statuses(1)).toEqual([200]);
  });

  it("never answers, until the simulator closes", async () => {
    const hanging = await startSimulator({ devices: 1 });
    hanging.faults.add({ kind: "hang" });
    const outcome = get(hanging, "/v2/devices").then(
      () => "answered",
      () => "cut",
    );
    const waited = new Promise((resolve) => setTimeout(resolve, 150, "waiting"));
    expect(await Promise.race([outcome, waited])).toBe("waiting");
    await hanging.close();
    expect(await outcome).toBe("cut");
  });

  it("stops in the middle of the body and leaves the rest open", async () => {
    simulator.faults.add({ kind: "hang", when: "body" });
    const patience = new AbortController();
    const response = await fetch(`${simulator.url}/v2/devices`, {
      headers: { authorization: simulator.apiKey },
      signal: patience.signal,
    });
    expect(response.status).toBe(200);
    const waited = new Promise((resolve) => setTimeout(resolve, 150, "waiting"));
    const body = response.text().catch(() => "cut");
    expect(await Promise.race([body, waited])).toBe("waiting");
    patience.abort();
    expect(await body).toBe("cut");
  });

  it("answers late, and adds lateness up", async () => {
    simulator.faults.add({ kind: "slow", ms: 60 });
    simulator.faults.add({ kind: "slow", ms: 60 });
    simulator.faults.add({ kind: "forbidden" });
    const started = performance.now();
    expect(await statuses(1)).toEqual([403]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(115);
  });
});

describe("bent lists", () => {
  it("repeats the cursor's page for ever", async () => {
    simulator.faults.add({ kind: "repeat_cursor", resource: "devices", afterRequests: 1 });
    const first = await list(simulator, "/v2/devices?limit=50");
    const cursor = first.data.at(-1)?.id ?? "";
    for (let turn = 0; turn < 2; turn += 1)
      expect(await list(simulator, `/v2/devices?limit=50&starting_after=${cursor}`)).toEqual({
        ...first,
        has_more: true,
      });
  });

  it("answers an empty page with more to come", async () => {
    simulator.faults.add({ kind: "empty_with_more", resource: "updates" });
    expect(await list(simulator, "/v2/updates")).toEqual({ data: [], has_more: true });
  });

  it("answers an empty list", async () => {
    simulator.faults.add({ kind: "empty_list", resource: "devices" });
    expect(await walk(simulator, "devices")).toEqual([]);
    const [id] = simulator.account.devices.ids();
    expect((await get(simulator, `/v2/devices/${id}`)).status).toBe(200);
  });

  it("ends a list in the middle as if that were all", async () => {
    simulator.faults.add({ kind: "half_list", resource: "devices" });
    expect(await walk(simulator, "devices", "limit=40")).toEqual(
      simulator.account.devices.ids().slice(0, 125),
    );
  });

  it("leaves the ids out", async () => {
    simulator.faults.add({ kind: "no_ids", resource: "alerts" });
    const page = await list(simulator, "/v2/alerts?limit=3");
    expect(page.has_more).toBe(true);
    expect(page.data.map((alert) => alert.id)).toEqual([undefined, undefined, undefined]);
  });
});

describe("changes while a list is walked", () => {
  it("happen between two pages", async () => {
    const ids = simulator.account.devices.ids();
    simulator.faults.afterPage("devices", 1, (account) => {
      account.requeueDevice(ids[0] ?? "");
      account.removeDevice(ids[150] ?? "");
      account.addDevice({ hostname: "LATE-01" });
    });
    const walked = await walk(simulator, "devices");
    expect(walked).toHaveLength(251);
    expect(walked.filter((id) => id === ids[0])).toHaveLength(2);
    expect(walked).not.toContain(ids[150]);
    expect(simulator.account.devices.require(walked.at(-1) ?? "").hostname).toBe("LATE-01");
  });

  it("can take the cursor's own record away", async () => {
    simulator.faults.afterPage("devices", 2, (account) =>
      account.removeDevice(account.devices.ids()[199] ?? ""),
    );
    await expect(walk(simulator, "devices")).rejects.toThrow("answered 404");
    expect(await walk(simulator, "devices")).toHaveLength(249);
  });

  it("can happen after every page, until taken back", async () => {
    let pages = 0;
    const stop = simulator.faults.afterPage("groups", 0, () => (pages += 1));
    await walk(simulator, "groups", "limit=10");
    const during = pages;
    stop();
    await walk(simulator, "groups", "limit=10");
    expect(during).toBe(Math.ceil(simulator.account.groups.size / 10));
    expect(pages).toBe(during);
  });
});
