import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createCliWorld, type CliWorld } from "../../support/cli";
import { startHttpProxy, stubProxies, type TestProxy } from "../../support/http-proxy";

let world: CliWorld;
let proxy: TestProxy;
beforeEach(async () => {
  world = await createCliWorld({ devices: 10, seed: 3 });
  proxy = await startHttpProxy(Number(new URL(world.simulator.url).port), {
    user: "me",
    password: "s3cret/word",
  });
  vi.stubEnv("LEVELIO_API_BASE_URL", "http://level.invalid");
  stubProxies({ HTTP_PROXY: proxy.url });
});
afterEach(async () => {
  await world.close();
  await proxy.close();
});

it("connects, syncs and checks a Level account that is reachable only through an HTTP proxy", async () => {
  const { simulator, json } = world;
  expect(await json("connect", "--api-key", simulator.apiKey)).toMatchObject({ isNew: true });
  expect(await json("sync", "organizations", "--wait")).toMatchObject({ status: "completed" });
  const findings = (await json("doctor")) as unknown as { check: string; state: string; message: string }[];
  expect(findings.filter(({ check }) => check === "level")).toMatchObject([{ state: "ok" }]);
  expect(findings.map(({ message }) => message)).not.toContainEqual(
    expect.stringContaining("could not be asked"),
  );
  expect(new Set(proxy.asked)).toEqual(new Set(["level.invalid:80"]));
});

it("names the proxy that refuses, and never its password", async () => {
  vi.stubEnv("HTTP_PROXY", `http://me:an0ther@${proxy.at}`);
  const said = await world.cli("connect", "--api-key", world.simulator.apiKey);
  expect(said.exitCode).toBe(1);
  expect(said.error).toContain(`the HTTP proxy ${proxy.at} refuses with 407`);
  expect(said.out + said.error).not.toContain("an0ther");
});
