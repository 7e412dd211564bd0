import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { countWatched } from "~/presenters/run-feed.server";
import type { RunSummary } from "~/presenters/runs.server";
import { requestSync } from "~/sync/request-sync";

import { createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let runId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  tenant = await web.tenant();
  const { id: integrationId } = await createIntegration(web.app.db, { tenantId: tenant.id });
  const outcome = await requestSync(web.app.sync, {
    tenantId: tenant.id,
    integrationId,
    type: "full",
    trigger: "manual",
    actor: "test",
  });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  runId = outcome.run.id;
});

const set = (pages: number, status: string) =>
  web.app.db.execute(sql`
    update rmm_sync_runs set pages = ${pages}, status = ${status},
      ended_at = case when ${status} = 'completed' then now() end
    where id = ${runId}`);

const watch = (as: "viewer" | "admin" = "viewer") =>
  tenant.as[as].get(`/runs/${runId}/events`, { Accept: "text/event-stream" });

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
  const changedAt = performance.now();
  await set(7, "running");
  expect(await stream.next()).toMatchObject({ status: "running", pages: 7 });
  expect(performance.now() - changedAt).toBeLessThan(1_000);
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

it("tells nobody else's run, and sends nobody in circles who is not signed in", async () => {
  const other = await web.tenant();
  const response = await other.as.admin.get(`/runs/${runId}/events`);
  expect(response.status).toBe(204);
  expect(await response.text()).toBe("");
  const stranger = await web.anonymous().get(`/runs/${runId}/events`, { Accept: "text/event-stream" });
  expect(stranger.status).toBe(401);
  await sleep(10);
  expect(countWatched(web.app.db)).toBe(0);
});
