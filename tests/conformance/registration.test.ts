import { Inngest } from "inngest";
import { expect, it } from "vitest";

import { createHandler } from "@inngest/index";

it("registers the functions at the configured address, whatever host the request names", async () => {
  const registered: { url: string; functions: { steps: Record<string, { runtime: { url: string } }> }[] }[] =
    [];
  const client = new Inngest({
    id: "plumbline",
    baseUrl: "http://inngest.local:8288",
    signingKey: "signkey-test-00",
    eventKey: "event-key-test",
    isDev: false,
    fetch: (_url, init) => {
      registered.push(JSON.parse(String(init?.body)) as (typeof registered)[number]);
      return Promise.resolve(Response.json({ ok: true, modified: true }));
    },
  });
  const fn = client.createFunction({ id: "one", triggers: [{ event: "one" }] }, () => {});
  const handler = createHandler(client, [fn] as never, "http://app:3000");
  const answer = await handler({
    request: new Request("http://elsewhere.example/api/inngest", {
      method: "PUT",
      headers: { host: "elsewhere.example" },
    }),
  });
  expect(answer.status).toBe(200);
  expect(registered.map(({ url }) => url)).toEqual(["http://app:3000/api/inngest"]);
  expect(registered[0]!.functions[0]!.steps["step"]!.runtime.url).toMatch(
    /^http:\/\/app:3000\/api\/inngest\?/,
  );
});
