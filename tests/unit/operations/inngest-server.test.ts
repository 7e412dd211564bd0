import { expect, it } from "vitest";

import { loadConfig } from "~/platform/env.server";
import { createServerCheck } from "~/jobs-health.server";

const keys = { INNGEST_EVENT_KEY: "event-key-test", INNGEST_SIGNING_KEY: "signkey-test" };
const secret = { APP_SECRET: "a-secret-for-tests-of-at-least-32-characters" };

it.each([
  [{ INNGEST_BASE_URL: "http://inngest.local:8288", ...keys }, "http://inngest.local:8288"],
  [{ INNGEST_DEV: "1" }, "http://localhost:8288"],
  [{ INNGEST_DEV: "http://localhost:9000" }, "http://localhost:9000"],
  [{ INNGEST_DEV: "0", ...keys }, "https://api.inngest.com"],
])("%j means the server at %s", (env, url) => {
  expect(loadConfig({ ...secret, ...env }).inngest).toMatchObject({ mode: "server", url });
});

it.each([
  [keys, "http://localhost:3000"],
  [{ PUBLIC_URL: "https://plumbline.example.com", ...keys }, "https://plumbline.example.com"],
  [
    { PUBLIC_URL: "https://plumbline.example.com", INNGEST_SERVE_ORIGIN: "http://app:3000/", ...keys },
    "http://app:3000",
  ],
  [{ PUBLIC_URL: "https://plumbline.example.com", INNGEST_DEV: "1" }, undefined],
])("%j has the server call the app at %s", (env, serveOrigin) => {
  expect(loadConfig({ ...secret, ...env }).inngest).toMatchObject({ mode: "server", serveOrigin });
});

it("asks the server once in ten seconds, however many callers there are", async () => {
  let at = 0;
  const statuses = [200, 503, 404];
  let asked = 0;
  const ask: typeof fetch = () => Promise.resolve(new Response(null, { status: statuses[asked++]! }));
  const answers = createServerCheck("http://inngest.local", { ask, now: () => at });
  expect(await Promise.all([answers(), answers()])).toEqual([true, true]);
  at = 9_999;
  expect(await answers()).toBe(true);
  expect(asked).toBe(1);
  at = 10_001;
  expect(await answers()).toBe(false);
  at = 20_002;
  expect(await answers()).toBe(true);
});

it("counts a server that cannot be reached as not answering", async () => {
  expect(await createServerCheck("http://127.0.0.1:9/")()).toBe(false);
});
