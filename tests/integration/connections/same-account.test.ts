import { afterAll, beforeAll, expect, it } from "vitest";

import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { Browser } from "@tests/support/web";

let level: LevelWorld;
let admin: Browser;
let main: string;
beforeAll(async () => {
  level = await createLevelWorld();
  admin = level.tenant.as.admin;
  main = await level.connect(admin, { label: "Main" });
});
afterAll(() => level.close());

const page = async (id: string) => (await admin.get(`/settings/integrations/levelio/${id}`)).text();

const TWICE = "This Level account is connected more than once";

it("connecting the same Level account again says at once that it is the same, at both connections", async () => {
  expect(await page(main)).not.toContain(TWICE);
  const again = await level.connect(admin, { label: "Same key" });

  const shown = await page(again);
  expect(shown).toContain("It is the same Level account as Main.");
  expect(shown).toContain(TWICE);
  expect(shown).toContain(`href="/settings/integrations/levelio/${main}"`);
  expect(await page(main)).toContain(TWICE);
});

it("another key of the same account is known by the groups that were read", async () => {
  const other = await createLevelWorld();
  const browser = other.tenant.as.admin;
  const first = await other.connect(browser, { label: "First" });
  await other.sync(browser, first, "organizations");
  const again = await other.connect(browser, { label: "Again", apiKey: other.simulator.readOnlyApiKey });

  const shown = await (await browser.get(`/settings/integrations/levelio/${again}`)).text();
  expect(shown).toContain("It is the same Level account as First.");
  await other.close();
});

it("a disconnected connection counts as nobody's duplicate", async () => {
  const other = await createLevelWorld();
  const browser = other.tenant.as.admin;
  const first = await other.connect(browser, { label: "First" });
  await other.act(browser, first, "", { intent: "disconnect", confirmed: "on", assets: "keep" });
  const again = await other.connect(browser, { label: "Again" });
  expect(await (await browser.get(`/settings/integrations/levelio/${again}`)).text()).not.toContain(TWICE);
  await other.close();
});
