import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { assets, clients } from "@db/schema";
import { isList } from "~/features/api/base/csv";
import { operations } from "~/features/api/registry";
import { REQUESTS_A_MINUTE } from "~/features/api/rate-limit";
import { apiCaller, apiCallerOf, type ApiCaller, type WebTenant } from "@tests/support/api";
import { setApp } from "~/platform/app.server";
import { createAsset, createClient } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { createThings } from "./things";

let web: WebWorld;
let tenant: WebTenant;
let api: ApiCaller;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  web.setNow(null);
  tenant = await web.tenant();
  api = await apiCallerOf(web, tenant);
});

const clientRows = () => web.database.db.select().from(clients).where(eq(clients.tenantId, tenant.id));

describe("a list", () => {
  it("returns each row once, page by page, even while rows are added", async () => {
    for (let n = 0; n < 7; n++) await createClient(web.database.db, { tenantId: tenant.id });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "" : `&cursor=${cursor}`;
      const { status, body } = await api.get(`/clients?limit=3${query}`);
      expect(status).toBe(200);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      if (seen.length === 3) await createClient(web.database.db, { tenantId: tenant.id });
      cursor = body.next;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(8);
  });

  it("misses no asset that existed throughout, and returns none twice, while assets come, change and go", async () => {
    const { db } = web.database;
    const made: string[] = [];
    for (let n = 0; n < 24; n++) {
      made.push((await createAsset(db, { tenantId: tenant.id, name: `PC ${n}` })).id);
    }
    const goes = new Set([3, 11, 19].map((n) => made[n]!));
    const stays = made.filter((id) => !goes.has(id));
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let turn = 0; turn === 0 || cursor !== null; turn++) {
      const query: string = cursor === null ? "" : `&cursor=${cursor}`;
      const { body } = await api.get(`/assets?limit=5${query}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.next;
      if (turn > 2) continue;
      await createAsset(db, { tenantId: tenant.id, name: `A new one ${turn}` });
      await db
        .update(assets)
        .set({ name: `Zz ${turn}` })
        .where(eq(assets.id, stays[turn]!));
      await db.delete(assets).where(eq(assets.id, [...goes][turn]!));
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => stays.includes(id))).toEqual(stays);
  });

  it("accepts a cursor only in its own order", async () => {
    for (const name of ["a", "b"]) await createAsset(web.database.db, { tenantId: tenant.id, name });
    const { body } = await api.get("/assets?limit=1&sort=name");
    expect((await api.get(`/assets?limit=1&sort=name&cursor=${body.next}`)).body.data[0].name).toBe("b");
    expect((await api.get(`/assets?limit=1&sort=seen&cursor=${body.next}`)).status).toBe(400);
  });

  it.each([
    ["?limit=0", "query.limit"],
    ["?limit=1000", "query.limit"],
    ["?cursor=nonsense", "query.cursor"],
    ["?colour=red", "query"],
    ["?archived=perhaps", "query.archived"],
  ])("refuses unknown input by name: %s", async (query, field) => {
    const { status, body } = await api.get(`/clients${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: "invalid_request", errors: [{ field }] });
  });
});

describe("a read", () => {
  it("is answered 304 until something changes", async () => {
    const { id } = await createClient(web.database.db, { tenantId: tenant.id, name: "Acme" });
    for (const path of [`/clients/${id}`, "/clients"]) {
      const etag = (await api.get(path)).headers.get("ETag")!;
      const again = await api.get(path, { "If-None-Match": etag });
      expect(again.status, path).toBe(304);
      expect(again.body).toBeUndefined();
    }
    const etag = (await api.get(`/clients/${id}`)).headers.get("ETag")!;
    await api.call("PATCH", `/clients/${id}`, { body: { name: "Acme Ltd" } });
    expect((await api.get(`/clients/${id}`, { "If-None-Match": etag })).status).toBe(200);
  });

  it("gives the same 404 for another tenant's id, an unknown id and a text that is no id", async () => {
    const theirs = await web.tenant();
    const { id } = await createClient(web.database.db, { tenantId: theirs.id, name: "Secret" });
    const answers = await Promise.all(
      [id, "0193a0f2-0000-7000-8000-000000000000", "none", "%00"].map((one) => api.get(`/clients/${one}`)),
    );
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect(JSON.stringify(body)).not.toContain("Secret");
    }
  });
});

describe("the fields that a read requests", () => {
  it("are all that it gets, in a list and for a single record", async () => {
    const { id } = await createClient(web.database.db, { tenantId: tenant.id, name: "Acme" });
    const list = await api.get("/clients?limit=1&fields=name,isArchived");
    expect(list.body.data).toEqual([{ name: "Acme", isArchived: false }]);
    expect((await api.get(`/clients/${id}?fields=name`)).body).toEqual({ name: "Acme" });
  });

  it("are refused by name if the record has no such field", async () => {
    for (const path of ["/clients?fields=name,colour", "/token?fields=secret", "/assets?fields="]) {
      const { status, body } = await api.get(path);
      expect(status, path).toBe(400);
      expect(body.errors[0].field, path).toBe("query.fields");
    }
  });
});

describe("an id with a line break", () => {
  it.each(["%0A", "a%0Db", "%E2%80%A8"])("matches nothing, with the usual refusal: %s", async (id) => {
    for (const method of ["GET", "PATCH"]) {
      const body = method === "PATCH" ? { name: "x" } : undefined;
      const answer = await api.call(method, `/clients/${id}`, { body });
      expect(answer.status).toBe(404);
      expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
      expect(answer.body.code).toBe("not_found");
    }
    expect((await apiCaller(web, null).get(`/clients/${id}`)).status).toBe(401);
  });
});

describe("a list as CSV", () => {
  const csv = (path: string) => api.get(path, { Accept: "text/csv" });

  it("has all rows, a column for each field, and no formula that a spreadsheet would run", async () => {
    const { db } = web.database;
    const { id: clientId } = await createClient(db, { tenantId: tenant.id, name: '=Acme, "Söhne" 🦊' });
    for (let n = 0; n < 205; n++) await createAsset(db, { tenantId: tenant.id, clientId, name: `PC ${n}` });
    const { status, headers, body } = await csv("/assets?fields=name,client");
    expect(status).toBe(200);
    expect(headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    const [header, first, ...others] = (body as string).trimEnd().split("\n");
    expect(header).toBe("name,client.id,client.name");
    expect(first).toBe(`PC 0,${clientId},"'=Acme, ""Söhne"" 🦊"`);
    expect(others).toHaveLength(204);
    for (const [query, start] of [
      ["?bom=true&fields=name", [0xef, 0xbb, 0xbf]],
      ["?bom=1&fields=name", [0xef, 0xbb, 0xbf]],
      ["?bom=0&fields=name", [...Buffer.from("nam")]],
      ["?fields=name", [...Buffer.from("nam")]],
    ] as const) {
      const headers = { Authorization: `Bearer ${api.token}`, Accept: "text/csv" };
      const bytes = await (await web.fetch(`/api/v1/clients${query}`, { headers })).arrayBuffer();
      expect([...new Uint8Array(bytes.slice(0, 3))], query).toEqual(start);
    }
  });

  it("exists for every list, with its filters, and is refused like it", async () => {
    await createThings(web.database.db, tenant, "listed");
    const lists = operations.filter(
      ({ method, path, success }) => method === "GET" && isList(success.schema) && !path.includes("{"),
    );
    expect(lists.length).toBeGreaterThan(12);
    for (const { path } of lists) {
      const { headers, body } = await csv(path);
      expect.soft(headers.get("Content-Type"), path).toBe("text/csv; charset=utf-8");
      const names = Object.keys((await api.get(`${path}`)).body.data[0] ?? {});
      expect.soft((body as string).split("\n")[0], path).toContain(names[0] ?? "");
    }
    expect((await csv("/clients?q=nobody-is-called-this")).body.trimEnd().split("\n")).toHaveLength(1);
    for (const [query, field] of [
      ["?limit=5", "query.limit"],
      ["?bom=perhaps", "query.bom"],
      ["?colour=red", "query"],
    ]) {
      expect(await csv(`/clients${query}`)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    }
    expect((await apiCaller(web, null).get("/clients", { Accept: "text/csv" })).status).toBe(401);
  });
});

describe("a key that no database can store", () => {
  it.each(["/updates/%00", "/updates/a%00b/assets"])("matches nothing: %s", async (path) => {
    expect(await api.get(path)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });
});

describe("a change", () => {
  it("with the version that was read overwrites nobody's change", async () => {
    const { body: made } = await api.post("/clients", { name: "Acme", notes: "first" });
    const path = `/clients/${made.id}`;
    const etag = (await api.get(path)).headers.get("ETag")!;
    expect((await api.call("PATCH", path, { body: { notes: "theirs" } })).status).toBe(200);
    const late = await api.call("PATCH", path, { body: { notes: "ours" }, headers: { "If-Match": etag } });
    expect(late.status).toBe(412);
    expect(late.body.code).toBe("stale");
    expect((await api.get(path)).body.notes).toBe("theirs");
    const fresh = (await api.get(path)).headers.get("ETag")!;
    const good = await api.call("PATCH", path, { body: { notes: "ours" }, headers: { "If-Match": fresh } });
    expect(good.status).toBe(200);
    expect(good.body.notes).toBe("ours");
    expect(good.body.name).toBe("Acme");
  });

  it("of an incident or a subscription that has changed since is refused, and nothing is written", async () => {
    const { incidentId, subscriptionId } = await createThings(web.database.db, tenant, "versions");
    const changes = [
      [
        `/incidents/${incidentId}`,
        "POST",
        "/acknowledge",
        "/snooze",
        { hours: 1 },
        { state: "acknowledged" },
      ],
      [`/event-subscriptions/${subscriptionId}`, "PATCH", "", "", { isPaused: true }, { isPaused: true }],
    ] as const;
    for (const [path, method, first, second, body, expected] of changes) {
      const { etag } = Object.fromEntries((await api.get(path)).headers);
      const send = (verb: string, sent: unknown) =>
        api.call(method, `${path}${verb}`, { body: sent, headers: { "If-Match": etag! } });
      expect((await send(first, method === "PATCH" ? body : undefined)).status, path).toBe(200);
      const late = await send(second, method === "PATCH" ? { isPaused: false } : body);
      expect(late, path).toMatchObject({ status: 412, body: { code: "stale" } });
      expect((await api.get(path)).body, path).toMatchObject(expected);
    }
  });

  it("of a record without a version refuses one rather than ignore it", async () => {
    const answer = await api.post("/clients", { name: "Acme" }, { "If-Match": '"x"' });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: "headers.If-Match" }] } });
    expect(await clientRows()).toHaveLength(0);
  });

  it("repeated with one key has one effect and one answer, even in a new process", async () => {
    const headers = { "Idempotency-Key": "order-7" };
    const first = await api.post("/clients", { name: "Acme" }, headers);
    expect(first.status).toBe(201);
    const again = await api.post("/clients", { name: "Acme" }, headers);
    expect(again).toMatchObject({ status: 201, body: first.body });
    const { connection, url = "" } = web.database;
    const restarted = await createWebWorld({}, { ...connection, url });
    const later = await apiCaller(restarted, api.token).post("/clients", { name: "Acme" }, headers);
    setApp(web.app);
    expect(later).toMatchObject({ status: 201, body: first.body });
    expect(await clientRows()).toHaveLength(1);

    const other = await api.post("/clients", { name: "Borealis" }, headers);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe("idempotency_key_reused");
    expect(await clientRows()).toHaveLength(1);
  });

  it("sent twice at once with one key is made once", async () => {
    const headers = { "Idempotency-Key": "both" };
    const answers = await Promise.all([1, 2, 3].map(() => api.post("/clients", { name: "Acme" }, headers)));
    expect(await clientRows()).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    for (const { status } of answers) expect([201, 409]).toContain(status);
  });

  it("accepts notes as the form does: trimmed, without characters that no database stores, and blank ones as none", async () => {
    const made = await api.post("/clients", { name: "Acme", notes: " call\u0000 first " });
    expect(made).toMatchObject({ status: 201, body: { notes: "call first" } });
    const blank = await api.call("PATCH", `/clients/${made.body.id}`, { body: { notes: "  " } });
    expect(blank).toMatchObject({ status: 200, body: { notes: null } });
  });

  it("that was refused frees its key", async () => {
    await api.post("/clients", { name: "Acme" });
    const headers = { "Idempotency-Key": "k" };
    const refused = await api.post("/clients", { name: "ACME" }, headers);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "conflict", errors: [{ field: "body.name" }] },
    });
    const [client] = await clientRows();
    await api.call("PATCH", `/clients/${client!.id}`, { body: { name: "Acme One" } });
    expect((await api.post("/clients", { name: "ACME" }, headers)).status).toBe(201);
  });

  it.each([
    ["no JSON", "{", {}, 400],
    ["a missing field", {}, {}, 400],
    ["an unknown field", { name: "A", colour: "red" }, {}, 400],
    ["a form", "name=A", { "Content-Type": "application/x-www-form-urlencoded" }, 415],
    ["a body of 2 MB", `{"name":"${"x".repeat(2_000_000)}"}`, {}, 413],
    ["an empty key", { name: "A" }, { "Idempotency-Key": "" }, 400],
  ])("with %s is refused and changes nothing", async (_what, body, headers, status) => {
    const answer = await api.post("/clients", body, headers as unknown as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await clientRows()).toHaveLength(0);
  });
});

describe("the API", () => {
  it("names the methods that an address takes, and reports an unknown address", async () => {
    const wrong = await api.call("DELETE", "/clients");
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("Allow")).toBe("GET, POST");
    expect((await api.get("/nothing/here")).body.code).toBe("not_found");
  });

  it("counts the requests of each token separately, says how many are left, and refuses the rest", async () => {
    const first = await api.get("/token");
    expect(first.headers.get("RateLimit-Remaining")).toBe(String(REQUESTS_A_MINUTE - 1));
    for (let n = 1; n < REQUESTS_A_MINUTE; n += 100) {
      await Promise.all(Array.from({ length: 100 }, () => api.get("/nothing")));
    }
    const refused = await api.get("/token");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await (await apiCallerOf(web, tenant)).get("/token")).status).toBe(200);
  });
});

describe("a new device whose stored record is incomplete", () => {
  it("is named in the answer to its approval and on the page, and both leave it as it is", async () => {
    const things = await createThings(web.database.db, tenant, "half");
    const ids = [things.reviewId];
    const answer = await api.post("/reviews/devices/decide", { decision: "approve", ids });
    expect(answer).toMatchObject({ status: 200, body: { decided: 0, toMatch: 0 } });
    expect(answer.body.unreadable).toHaveLength(1);
    const listed = await api.get("/reviews/devices");
    expect(listed.body.data).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: things.reviewId, state: "approval" })]),
    );
    const page = await tenant.as.admin.post("/review/devices", { intent: "approve", row: things.reviewId });
    expect(page.status).toBe(303);
    expect(await (await tenant.as.admin.get("/review/devices")).text()).toContain(
      `The stored record of ${answer.body.unreadable[0]} is incomplete`,
    );
  });
});
