import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";

import { countWatched } from "~/features/sync-runs/run-feed.page.server";
import type { RunSummary } from "@db/queries/sync-runs/run-list";
import { requestSync } from "~/features/sync-engine/request-sync";

import { createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connectionId: string;
let runId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  tenant = await web.tenant();
  connectionId = (await createIntegration(web.app.db, { tenantId: tenant.id })).id;
  runId = await request("full");
});

async function request(type: "full" | "alerts"): Promise<string> {
  const asked = { tenantId: tenant.id, connectionId, type, trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync(web.app.sync, asked);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  return outcome.run.id;
}

const set = (pages: number, status: string, id = runId) =>
  web.app.db.execute(sql`
    update rmm_sync_runs set pages = ${pages}, status = ${status},
      ended_at = case when ${status} = 'completed' then now() end
    where id = ${id}`);

const address = (...ids: string[]) => `/runs/events?${new URLSearchParams(ids.map((id) => ["run", id]))}`;

const watch = (as: "viewer" | "admin" = "viewer", ...ids: string[]) =>
  tenant.as[as].get(address(...(ids.length > 0 ? ids : [runId])), { Accept: "text/event-stream" });

interface Stream {
  /** The next event; undefined at the end. */
  next(): Promise<RunSummary | undefined>;
  leave(): Promise<void>;
}

function read(response: Response): Stream {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    async next() {
      for (;;) {
        const found = /event: run\ndata: (.*)\n\n/.exec(text);
        if (found !== null) {
          text = text.slice(found.index + found[0].length);
          return (JSON.parse(found[1]!) as { run: RunSummary }).run;
        }
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += decoder.decode(value, { stream: true });
      }
    },
    leave: () => reader.cancel(),
  };
}

it("tells each change within a second, and ends with the run", async () => {
  const response = await watch();
  expect(response.headers.get("Content-Type")).toContain("text/event-stream");
  const stream = read(response);
  expect(await stream.next()).toMatchObject({ status: "queued", pages: 0 });
  const tookMs: number[] = [];
  for (let pages = 1; pages <= 5; pages++) {
    const changedAt = performance.now();
    await set(pages, "running");
    expect(await stream.next()).toMatchObject({ status: "running", pages });
    tookMs.push(performance.now() - changedAt);
  }
  // The best of five: a busy machine delays some.
  expect(Math.min(...tookMs)).toBeLessThan(1_000);
  await set(8, "completed");
  expect(await stream.next()).toMatchObject({ status: "completed", pages: 8 });
  expect(await stream.next()).toBeUndefined();
  expect(countWatched(web.app.db)).toBe(0);
});

it("looks once for all who watch, and no more when they have left", async () => {
  const streams = [read(await watch()), read(await watch("admin")), read(await watch())];
  for (const stream of streams) expect((await stream.next())?.id).toBe(runId);
  expect(countWatched(web.app.db)).toBe(1);
  await set(3, "running");
  for (const stream of streams) expect(await stream.next()).toMatchObject({ pages: 3 });
  await streams[0]!.leave();
  expect(countWatched(web.app.db)).toBe(1);
  for (const stream of streams) await stream.leave();
  expect(countWatched(web.app.db)).toBe(0);
  const again = read(await watch());
  expect(await again.next()).toMatchObject({ pages: 3 });
  await again.leave();
});

it("tells of several runs in one stream, which ends with the last of them", async () => {
  const other = await request("alerts");
  const stream = read(await watch("viewer", runId, other));
  const first = [(await stream.next())?.id, (await stream.next())?.id];
  expect(new Set(first)).toEqual(new Set([runId, other]));
  await set(4, "completed");
  expect(await stream.next()).toMatchObject({ id: runId, status: "completed" });
  expect(countWatched(web.app.db)).toBe(1);
  await set(5, "running", other);
  expect(await stream.next()).toMatchObject({ id: other, pages: 5 });
  await set(6, "completed", other);
  expect(await stream.next()).toMatchObject({ id: other, status: "completed" });
  expect(await stream.next()).toBeUndefined();
  expect(countWatched(web.app.db)).toBe(0);
});

it("ends soon after its reader is signed out", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const stream = read(await watch());
    expect(await stream.next()).toMatchObject({ id: runId });
    await vi.advanceTimersByTimeAsync(15_000);
    await set(2, "running");
    expect(await stream.next()).toMatchObject({ pages: 2 });
    await tenant.as.viewer.post("/sign-out", {});
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await stream.next()).toBeUndefined();
    expect(countWatched(web.app.db)).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it("tells nobody else's run, and sends nobody in circles who is not signed in", async () => {
  const other = await web.tenant();
  const { id: account } = await createIntegration(web.app.db, { tenantId: other.id });
  expect((await other.as.admin.get(address(runId))).status).toBe(404);
  expect((await other.as.admin.get(address(account, runId))).status).toBe(404);
  for (const query of ["", "?run=", "?run=x", `?run=${runId}&run=x`])
    expect((await tenant.as.viewer.get(`/runs/events${query}`)).status, query).toBe(404);
  const stranger = await web.anonymous().get(address(runId), { Accept: "text/event-stream" });
  expect(stranger.status).toBe(401);
  await sleep(10);
  expect(countWatched(web.app.db)).toBe(0);
});
