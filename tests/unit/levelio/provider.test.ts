import { inspect } from "node:util";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { LevelClientOptions } from "~/connectors/levelio/client.server";
import { createLevelProvider } from "~/connectors/levelio/provider.server";
import { RmmError } from "~/connectors/rmm-error";
import type { ProviderPage, RequestStats } from "~/connectors/rmm-provider";

import { activeAlert, bareDevice, frontDesk } from "./fixtures";
import {
  json,
  reset,
  type ScriptedServer,
  silence,
  startScriptedServer,
  status,
  text,
} from "./scripted-server";

const apiKey = "kEyThatMustNeverShow1234";

let server: ScriptedServer;
let stats: RequestStats;
let slept: number[];

beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  stats = { requests: 0, retries: 0, rateLimits: 0, rateLimitedMs: 0 };
  slept = [];
});

const provider = (more: Partial<LevelClientOptions> = {}) =>
  createLevelProvider({
    apiKey,
    baseUrl: server.url,
    stats,
    random: () => 0.5,
    sleep: async (ms) => void slept.push(ms),
    ...more,
  });

const list = (...data: unknown[]) => ({ data, has_more: false });

async function collect<Item>(pages: AsyncIterable<ProviderPage<Item>>): Promise<ProviderPage<Item>[]> {
  const seen: ProviderPage<Item>[] = [];
  for await (const page of pages) seen.push(page);
  return seen;
}

async function failure(promise: Promise<unknown>): Promise<RmmError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RmmError);
  return error as RmmError;
}

describe("a request", () => {
  it("carries the bare key, and asks for the largest page with every block", async () => {
    server.answers(json(list(frontDesk)));
    await collect(provider().listDevices({ ancestorGroupId: "g/1" }));
    expect(server.asked[0]).toMatchObject({
      method: "GET",
      path: "/v2/devices",
      query: {
        limit: "100",
        ancestor_group_id: "g/1",
        include_operating_system: "true",
        include_cpus: "true",
        include_memory: "true",
        include_disks: "true",
        include_network_interfaces: "true",
        include_motherboard: "true",
        include_security: "true",
      },
    });
    expect(server.asked[0]!.headers.authorization).toBe(apiKey);
    expect(stats).toEqual({ requests: 1, retries: 0, rateLimits: 0, rateLimitedMs: 0 });
  });

  it("never asks groups for parent_id", async () => {
    server.answers(json(list()));
    await collect(provider().listGroups());
    expect(server.asked[0]!.query).toEqual({ limit: "100" });
  });

  it("passes filters of updates and alerts, and no others", async () => {
    server.answers(json(list()));
    await collect(provider().listUpdates({ status: "available" }));
    await collect(provider().listAlerts({ deviceId: "d1", status: "active" }));
    expect(server.asked.map(({ path, query }) => [path, query])).toEqual([
      ["/v2/updates", { limit: "100", status: "available" }],
      ["/v2/alerts", { limit: "100", device_id: "d1", status: "active" }],
    ]);
  });

  it("encodes an id into its path, and sends no request for one that would name another path", async () => {
    server.answers(json(frontDesk));
    await provider().getDevice("a/b?c");
    expect(server.asked[0]!.path).toBe("/v2/devices/a%2Fb%3Fc");
    for (const id of ["..", ".", "", "a\0"])
      expect(await provider().getDevice(id)).toEqual({ state: "gone" });
    expect(server.asked).toHaveLength(1);
  });

  it("tests the connection with the smallest list", async () => {
    server.answers(json(list()));
    await provider().testConnection();
    expect(server.asked).toMatchObject([{ path: "/v2/groups", query: { limit: "1" } }]);
  });
});

describe("a walk through a list", () => {
  it("goes page by page, each with the records seen, mapped and left out", async () => {
    server.answers(
      json({ data: [{ id: "d1", total_memory: "much" }, { hostname: "no id" }], has_more: true }),
      json(list(bareDevice)),
    );
    const before = Date.now();
    const [first, second] = await collect(provider().listDevices());
    expect(server.asked.map(({ query }) => query.starting_after)).toEqual([undefined, "d1"]);
    expect(first).toMatchObject({ items: [{ externalId: "d1" }], idsSeen: ["d1"], cursorAfter: "d1" });
    expect(first!.issues).toMatchObject([
      { severity: "field", externalId: "d1", field: "total_memory" },
      { severity: "record", externalId: null, name: "no id", field: "id" },
    ]);
    expect(second).toMatchObject({ idsSeen: [bareDevice.id], cursorAfter: null });
    expect(first!.observedAt.getTime()).toBeGreaterThanOrEqual(before);
  });

  it("resumes after a cursor, and stops when its caller does", async () => {
    const controller = new AbortController();
    server.answers(json({ data: [{ id: "g9" }], has_more: true }), silence);
    const pages = provider().listGroups({ cursor: "g8", signal: controller.signal });
    await pages.next();
    const next = pages.next();
    await expect.poll(() => server.asked).toHaveLength(2);
    controller.abort(new Error("cancelled"));
    await expect(next).rejects.toThrow("cancelled");
    expect(server.asked.map(({ query }) => query.starting_after)).toEqual(["g8", "g9"]);
  });

  it("stops in the middle of a wait when its caller does", async () => {
    const controller = new AbortController();
    server.answers(status(429, { "retry-after": "9" }));
    const patient = provider({ sleep: undefined });
    const next = patient.listGroups({ signal: controller.signal }).next();
    await expect.poll(() => stats.rateLimitedMs).toBe(9000);
    controller.abort(new Error("cancelled"));
    await expect(next).rejects.toThrow("cancelled");
  });

  it("whose cursor is unknown has lost its place", async () => {
    server.answers(status(404));
    expect((await failure(collect(provider().listDevices({}, { cursor: "deleted" })))).code).toBe(
      "cursor_lost",
    );
    expect((await failure(collect(provider().listUpdates()))).code).toBe("not_found");
  });

  it("that repeats itself fails instead of going on for ever", async () => {
    server.answers(json({ data: [{ id: "d1" }], has_more: true }));
    expect((await failure(collect(provider().listDevices()))).code).toBe("endless_list");
    expect(server.asked).toHaveLength(2);
  });

  it.each([[{ data: [] }], [{ data: null, has_more: false }], [[]], [null], ["ok"]])(
    "answered with %j is no list",
    async (body) => {
      server.answers(json(body));
      expect((await failure(collect(provider().listGroups()))).code).toBe("bad_response");
    },
  );
});

describe("a fetch by id", () => {
  it("finds the record", async () => {
    server.answers(json(frontDesk));
    expect(await provider().getDevice(frontDesk.id)).toMatchObject({
      state: "found",
      item: { externalId: frontDesk.id, ramGb: 16 },
      issues: [],
    });
  });

  it("reports an unknown record as gone", async () => {
    server.answers(status(404));
    expect(await provider().getDevice("d1")).toEqual({ state: "gone" });
    expect(await provider().getGroup("g1")).toEqual({ state: "gone" });
    expect(await provider().getAlert("a1")).toEqual({ state: "gone" });
    expect(await provider().resolveAlert("a1")).toEqual({ state: "gone" });
  });

  it("answered by a web page never reports the record as gone", async () => {
    server.answers(text("<!doctype html>", "text/html", 404));
    expect((await failure(provider().getDevice("d1"))).code).toBe("bad_response");
  });

  it("answered without a usable record says why, and for which id", async () => {
    server.answers(json({ success: true }));
    expect(await provider().getDevice("d1")).toMatchObject({
      state: "unreadable",
      issues: [{ severity: "record", externalId: "d1", field: "id" }],
    });
  });

  it("finds an alert whose device was deleted and so is not named", async () => {
    server.answers(json({ ...activeAlert, device_id: null }));
    expect(await provider().getAlert(activeAlert.id)).toMatchObject({
      state: "found",
      item: { externalId: activeAlert.id, externalDeviceId: "" },
    });
  });
});

describe("the custom field values of a device", () => {
  const values = (data: unknown[], hasMore = false) => json({ data, has_more: hasMore });

  it("are requested by device and kept as given, whatever their type", async () => {
    server.answers(
      values([
        {
          custom_field_id: "f1",
          custom_field_name: " Site\ncontact ",
          assigned_to_id: null,
          value: " Maria ",
        },
        { custom_field_id: "f2", custom_field_name: "Floor", value: 3 },
        { custom_field_id: "f3", custom_field_name: "Blank", value: "  " },
        { custom_field_name: "Old name", value: null },
        { value: "of nothing" },
        null,
      ]),
    );
    expect(await provider().getCustomFieldValues("d/1")).toMatchObject({
      state: "found",
      item: {
        isComplete: true,
        values: [
          { externalFieldId: "f1", fieldName: "Site contact", value: " Maria " },
          { externalFieldId: "f2", fieldName: "Floor", value: "3" },
          { externalFieldId: "f3", fieldName: "Blank", value: null },
          { externalFieldId: null, fieldName: "Old name", value: null },
        ],
      },
      issues: [{ field: "custom_field_id", externalId: "d/1" }, { externalId: "d/1" }],
    });
    expect(server.asked).toMatchObject([
      { path: "/v2/custom_field_values", query: { assigned_to_id: "d/1", limit: "100" } },
    ]);
  });

  it("are marked incomplete if there are more, because rows have no id to continue from", async () => {
    server.answers(values([{ custom_field_id: "f1", value: "x" }], true));
    expect(await provider().getCustomFieldValues("d1")).toMatchObject({ item: { isComplete: false } });
    expect(server.asked).toHaveLength(1);
  });

  it("are gone for a device that Level does not know, and not requested for a device without an id", async () => {
    server.answers(status(404));
    expect(await provider().getCustomFieldValues("d1")).toEqual({ state: "gone" });
    expect(await provider().getCustomFieldValues("")).toEqual({ state: "gone" });
    expect(server.asked).toHaveLength(1);
  });

  it("give a clear message if the key may not read them", async () => {
    server.answers(status(403));
    expect(await failure(provider().getCustomFieldValues("d1"))).toMatchObject({
      code: "forbidden",
      userMessage: "This API key may not read custom field values.",
    });
  });

  it("come with the device if its own record includes them", async () => {
    server.answers(json({ ...frontDesk, custom_fields: { "Site contact": "Maria", Floor: null } }));
    expect((await provider().getDevice(frontDesk.id)).customFields).toEqual({
      isComplete: true,
      values: [
        { externalFieldId: null, fieldName: "Site contact", value: "Maria" },
        { externalFieldId: null, fieldName: "Floor", value: null },
      ],
    });
    server.answers(json(frontDesk));
    expect((await provider().getDevice(frontDesk.id)).customFields).toBeUndefined();
  });
});

describe("the list of custom fields", () => {
  it("names each, and treats a field without visibility as the admins'", async () => {
    server.answers(
      json(
        list(
          { id: "f1", name: "Site contact", reference: "cf_site_contact", admin_only: false },
          { id: "f2", name: " ", reference: "cf_code" },
          { name: "no id" },
        ),
      ),
    );
    const [page] = await collect(provider().listCustomFields());
    expect(page).toMatchObject({
      items: [
        { externalId: "f1", name: "Site contact", reference: "cf_site_contact", isAdminOnly: false },
        { externalId: "f2", name: "cf_code", reference: "cf_code", isAdminOnly: true },
      ],
      idsSeen: ["f1", "f2"],
      issues: [{ severity: "record", name: "no id" }],
    });
  });
});

describe("resolving an alert", () => {
  it("posts, and uses the alert in the answer", async () => {
    server.answers(json({ ...activeAlert, is_resolved: true }));
    expect(await provider().resolveAlert(activeAlert.id)).toMatchObject({
      state: "found",
      item: { status: "resolved" },
    });
    expect(server.asked).toMatchObject([{ method: "POST", path: `/v2/alerts/${activeAlert.id}/resolve` }]);
  });

  it("reads the alert if the answer does not include it", async () => {
    server.answers((response) => response.writeHead(204).end(), json(activeAlert));
    expect(await provider().resolveAlert(activeAlert.id)).toMatchObject({ state: "found" });
    expect(server.asked.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });

  it("with a read-only key says which access is missing", async () => {
    server.answers(status(403));
    const error = await failure(provider().resolveAlert("a1"));
    expect(error).toMatchObject({ code: "forbidden", userMessage: "This API key may not change alerts." });
    expect(error.hint).toContain("Read & write");
  });
});

describe("a rate limit", () => {
  it.each([
    ["seconds", { "retry-after": "3" }, 3000],
    [
      "a date",
      { "retry-after": "Thu, 08 Oct 2026 12:00:04 GMT", date: "Thu, 08 Oct 2026 12:00:00 GMT" },
      4000,
    ],
    ["nothing", {}, 500],
  ])("given in %s is waited out", async (_, headers, wait) => {
    server.answers(status(429, headers as Record<string, string>), json(list()));
    await collect(provider().listGroups());
    expect(slept).toEqual([wait]);
    expect(stats).toEqual({ requests: 2, retries: 1, rateLimits: 1, rateLimitedMs: wait });
  });

  it("longer than a call waits is passed on with its time", async () => {
    server.answers(status(429, { "retry-after": "120" }));
    const error = await failure(provider().testConnection());
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 120_000 });
    expect(slept).toEqual([]);
  });

  it("longer than an hour is tried again after an hour", async () => {
    server.answers(status(429, { "retry-after": "31536000" }));
    expect((await failure(provider().testConnection())).retryAfterMs).toBe(3_600_000);
  });

  it("costs no attempt: many of them and then an answer are a success", async () => {
    const storm = Array.from({ length: 10 }, () => status(429, { "retry-after": "1" }));
    server.answers(...storm, status(503), status(503), status(503), json(list()));
    await provider().testConnection();
    expect(stats).toMatchObject({ requests: 14, rateLimits: 10, rateLimitedMs: 10_000 });
  });

  it.each([
    ["long waits", "9", 6],
    ["no waits", "0", 20],
  ])("that never ends with %s is passed on in the end", async (_, seconds, waits) => {
    server.answers(status(429, { "retry-after": seconds }));
    expect(await failure(provider().testConnection())).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 10_000,
    });
    expect(slept).toHaveLength(waits);
  });
});

describe("a fault", () => {
  it.each([
    ["500", status(500)],
    ["a 502 as a web page", text("<html>", "text/html", 502)],
    ["408", status(408)],
    ["cut JSON", text('{"data":[{"id":"g', "application/json")],
    ["an empty body", text("", "application/json")],
    ["a reset connection", reset],
  ])("of the kind %s is retried with growing waits", async (_, fault) => {
    server.answers(fault, fault, fault, json(list()));
    await provider().testConnection();
    expect(slept).toEqual([250, 500, 1000]);
    expect(stats).toEqual({ requests: 4, retries: 3, rateLimits: 0, rateLimitedMs: 0 });
  });

  it.each([
    ["500", status(500), "unreachable"],
    ["cut JSON", text('{"data":[{"id":"g', "application/json"), "bad_response"],
    ["resets", reset, "unreachable"],
  ])("that stays (%s) ends after four attempts", async (_, fault, code) => {
    server.answers(fault);
    expect((await failure(provider().testConnection())).code).toBe(code);
    expect(server.asked).toHaveLength(4);
  });

  it("with a wait of its own is given that wait, and passed on with it if it is long", async () => {
    server.answers(status(503, { "retry-after": "2" }), status(408, { "retry-after": "900" }), json(list()));
    const error = await failure(provider().testConnection());
    expect(error).toMatchObject({ code: "unreachable", retryAfterMs: 900_000 });
    expect(slept).toEqual([2000]);
    server.answers(status(500));
    expect((await failure(provider().testConnection())).retryAfterMs).toBeUndefined();
  });

  it("of silence ends at the time limit, even in the middle of a body", async () => {
    const half: typeof silence = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"data":');
    };
    server.answers(silence, half, silence, half);
    const error = await failure(provider({ timeoutMs: 60 }).testConnection());
    expect(error).toMatchObject({
      code: "unreachable",
      userMessage: expect.stringContaining("within 60 ms"),
    });
  });

  it("in the address gives the system's error code", async () => {
    const error = await failure(provider({ baseUrl: "http://127.0.0.1:1" }).testConnection());
    expect(error.code).toBe("unreachable");
    expect(error.hint).toContain("LEVELIO_API_BASE_URL");
  });
});

describe("an account that has answered before", () => {
  it.each([
    ["a web page", text("<!DOCTYPE html><p>Sign in", "text/html")],
    ["a web page with 403", text("<html>", "text/html", 403)],
    ["plain text", text("OK", "text/plain")],
    ["an object that is no list", json({ hello: "there" })],
  ])("that answers once with %s is tried again", async (_, answer) => {
    server.answers(answer, json(list(frontDesk)));
    expect(await collect(provider().listDevices())).toHaveLength(1);
    expect(stats).toMatchObject({ requests: 2, retries: 1 });
  });
});

describe("an answer that settles it", () => {
  it.each([
    ["401", status(401), "invalid_api_key", "invalid API key"],
    ["403", status(403), "forbidden", "may not read groups"],
    ["422", status(422), "rejected", "422"],
    ["a web page", text("<!DOCTYPE html><p>Sign in", "text/html"), "bad_response", "web page"],
    ["a web page that calls itself JSON", text("\n<html>", "application/json"), "bad_response", "web page"],
    ["a web page with 403", text("<html>", "text/html", 403), "bad_response", "web page"],
    ["plain text", text("OK", "text/plain"), "bad_response", "not JSON"],
  ])("%s is not retried", async (_, answer, code, words) => {
    server.answers(answer);
    const error = await failure(provider().testConnection());
    expect(error.code).toBe(code);
    expect(error.userMessage).toContain(words);
    expect(error.hint.length).toBeGreaterThan(20);
    expect(server.asked).toHaveLength(1);
  });

  it("a redirect is not followed, so the key goes nowhere else", async () => {
    const elsewhere = await startScriptedServer();
    try {
      elsewhere.answers(json(list()));
      server.answers((response) => response.writeHead(302, { location: `${elsewhere.url}/v2/groups` }).end());
      expect((await failure(provider().testConnection())).code).toBe("bad_response");
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it("larger than any page is abandoned", async () => {
    server.answers(json(list({ id: "x".repeat(5000) })));
    const error = await failure(provider({ maxBodyBytes: 1000 }).testConnection());
    expect(error).toMatchObject({ code: "bad_response", userMessage: expect.stringContaining("larger") });
    expect(server.asked).toHaveLength(1);
  });
});

describe("the API key", () => {
  const everyEnd = [
    status(401),
    status(403),
    status(404),
    status(429, { "retry-after": "99" }),
    status(500),
    reset,
    text("<html>", "text/html"),
    silence,
  ];

  it("is in no error, however a call ends", async () => {
    for (const end of everyEnd) {
      server.answers(end);
      const error = await failure(provider({ timeoutMs: 50 }).testConnection());
      expect(inspect(error, { depth: 10, showHidden: true, getters: true })).not.toContain(apiKey);
      expect(error.stack).not.toContain(apiKey);
    }
  });

  it.each(["two\nlines", "kéy", "with space inside", ""])(
    "that no header can carry (%j) is refused without a request",
    async (key) => {
      server.answers(json(list()));
      const error = await failure(provider({ apiKey: key }).testConnection());
      expect(error.code).toBe("invalid_api_key");
      if (key) expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(key);
      expect(server.asked).toEqual([]);
    },
  );

  it("is sent without blanks from pasting", async () => {
    server.answers(json(list()));
    await provider({ apiKey: ` ${apiKey}\n` }).testConnection();
    expect(server.asked[0]!.headers.authorization).toBe(apiKey);
  });
});
