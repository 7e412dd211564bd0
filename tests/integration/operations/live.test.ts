import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";

import { queryRows } from "@db/client";
import { STREAMS_PER_SESSION } from "~/auth/event-stream.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { countWatchedTenants } from "~/platform/live/watch-changes";

import { createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connectionId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  tenant = await web.tenant();
  connectionId = (await createIntegration(web.app.db, { tenantId: tenant.id })).id;
});

async function ask(tenantId = tenant.id, id = connectionId): Promise<string> {
  const request = { tenantId, connectionId: id, type: "full", trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync(web.app.sync, request);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  return outcome.run.id;
}

let alerts = 0;
/** @param before milliseconds since its transaction began */
async function raiseAlert(before = "0 s") {
  const [row] = await queryRows<{ id: string }>(
    web.app.db,
    sql`insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, name, severity, status, content_hash,
          observed_at, observed_via, updated_at)
        values (gen_random_uuid(), ${tenant.id}, ${connectionId}, ${`alert-${++alerts}`}, 'Disk full', 'major', 'active', '',
          now(), 'webhook', now() - ${before}::interval) returning id`,
  );
  return row!.id;
}

/** The stream's output so far: `here`, then the topics of each change. */
async function listen(as: "viewer" | "admin" = "viewer") {
  const response = await tenant.as[as].get("/changes", { Accept: "text/event-stream" });
  expect(response.headers.get("Content-Type")).toContain("text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const said: string[] = [];
  const reading = (async () => {
    for (let text = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop()!;
      for (const event of events) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
        if (name !== undefined) said.push(name === "changed" ? (JSON.parse(data!) as string[]).join() : name);
      }
    }
  })();
  await expect.poll(() => said).toEqual(["here"]);
  return { said, reading, leave: () => reader.cancel().then(() => reading) };
}

const update = (runId: string, set: ReturnType<typeof sql>) =>
  web.app.db.execute(sql`update rmm_sync_runs set ${set} where id = ${runId}`);

it("reports within a second that a run has begun, moved on and ended", async () => {
  const { said, leave } = await listen();
  const tookMs: number[] = [];
  const changed = async (times: number, work: () => Promise<unknown>) => {
    await work();
    const changedAt = performance.now();
    await expect.poll(() => said.length - 1, { interval: 20 }).toBe(times);
    tookMs.push(performance.now() - changedAt);
  };
  let runId = "";
  await changed(1, async () => (runId = await ask()));
  await changed(2, () => update(runId, sql`status = 'running', pages = 1`));
  await changed(3, () => update(runId, sql`pages = 2`));
  await changed(4, () => update(runId, sql`status = 'completed', ended_at = now()`));
  // The best of four, because a busy machine delays some.
  expect(Math.min(...tookMs)).toBeLessThan(1_000);
  await leave();
});

it("reports a run that was over before anybody looked", async () => {
  const { said, leave } = await listen();
  await update(await ask(), sql`status = 'completed', ended_at = now()`);
  await expect.poll(() => said.length, { interval: 20 }).toBeGreaterThan(1);
  await leave();
});

it("reports many changes at once a few times a second, not once each", async () => {
  const { said, leave } = await listen();
  const startedAt = performance.now();
  const runId = await ask();
  const endAt = performance.now() + 2_000;
  for (let pages = 1; performance.now() < endAt; pages++) await update(runId, sql`pages = ${pages}`);
  await expect.poll(() => said.length - 1).toBeGreaterThan(1);
  await leave();
  // One look each half second.
  expect(said.length - 1).toBeLessThanOrEqual((performance.now() - startedAt) / 500 + 1);
});

it("names what has changed: runs, or alerts that came, changed or were acknowledged", async () => {
  const { said, leave } = await listen();
  const id = await raiseAlert();
  await expect.poll(() => said).toEqual(["here", "alerts"]);
  await web.app.db.execute(
    sql`update rmm_alerts set status = 'resolved', updated_at = now() + interval '1 second' where id = ${id}`,
  );
  await expect.poll(() => said).toEqual(["here", "alerts", "alerts"]);
  await ask();
  await expect.poll(() => said).toEqual(["here", "alerts", "alerts", "runs"]);
  await leave();
});

it("reports an alert whose transaction began before that of a known one", async () => {
  await raiseAlert();
  const { said, leave } = await listen();
  await raiseAlert("1 hour");
  await expect.poll(() => said).toEqual(["here", "alerts"]);
  await leave();
});

it("reports nothing of another tenant's runs, and looks for nobody who has left", async () => {
  const other = await web.tenant();
  const theirs = (await createIntegration(web.app.db, { tenantId: other.id })).id;
  const { said, leave } = await listen();
  await ask(other.id, theirs);
  // Reported after it, so everything to report about theirs has been reported by then.
  await raiseAlert();
  await expect.poll(() => said).toEqual(["here", "alerts"]);
  expect(countWatchedTenants(web.app.db)).toBe(1);
  await leave();
  await expect.poll(() => countWatchedTenants(web.app.db)).toBe(0);
});

it("looks once for all watchers, even if the first of them has left", async () => {
  const first = await listen();
  const second = await listen("admin");
  expect(countWatchedTenants(web.app.db)).toBe(1);
  await first.leave();
  await ask();
  await expect.poll(() => second.said).toEqual(["here", "runs"]);
  await second.leave();
});

it("ends soon after its reader is signed out", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const { said, reading } = await listen();
    await vi.advanceTimersByTimeAsync(15_000);
    await ask();
    await vi.waitFor(() => expect(said).toEqual(["here", "runs"]));
    await tenant.as.viewer.post("/sign-out", {});
    await vi.advanceTimersByTimeAsync(15_000);
    await reading;
    expect(countWatchedTenants(web.app.db)).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it("is for signed-in people, and sends nobody else in circles", async () => {
  expect((await web.anonymous().get("/changes")).status).toBe(302);
  const stream = await web.anonymous().get("/changes", { Accept: "text/event-stream" });
  expect(stream.status).toBe(401);
});

it("has a limit per session", async () => {
  const readers: ReadableStreamDefaultReader<Uint8Array>[] = [];
  const read = async (browser = tenant.as.viewer) => {
    const response = await browser.get("/changes", { Accept: "text/event-stream" });
    if (response.status === 200) readers.push(response.body!.getReader());
    return response.status;
  };
  for (let n = 0; n < STREAMS_PER_SESSION; n++) expect(await read()).toBe(200);
  expect(await read()).toBe(429);
  expect(await read(tenant.as.admin), "another session").toBe(200);
  await readers.shift()!.cancel();
  expect(await read(), "once one has ended").toBe(200);
  for (const reader of readers) await reader.cancel();
});
