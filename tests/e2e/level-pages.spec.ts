import { expect, test } from "@playwright/test";

import { connectAccount, ensureAccount } from "./level-support";
import {
  ADMIN,
  complaintsOf,
  expectAccessible,
  expectNoSidewaysScroll,
  keepPicture,
  signIn,
} from "./support";

const LABEL = "Pages";

const pages: Record<string, string> = {
  settings: "",
  "settings-disconnect": "?disconnect=1",
  mapping: "/mapping",
  groups: "/groups",
  "without-a-client": "/devices",
  webhook: "/webhook",
};

const looks = [
  { scheme: "light", width: 1360, height: 900 },
  { scheme: "dark", width: 1360, height: 900 },
  { scheme: "light", width: 390, height: 844 },
  { scheme: "dark", width: 390, height: 844 },
] as const;

for (const { scheme, width, height } of looks) {
  test(`each page of a connection is accessible, quiet and fits: ${scheme}, ${width} wide`, async ({
    browser,
  }, info) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height },
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await signIn(page);
    const path = await ensureAccount(page, LABEL);
    const check = (name: string) =>
      test.step(name, async () => {
        await expectAccessible(page);
        await expectNoSidewaysScroll(page);
        await keepPicture(page, info, `level-${name}-${scheme}-${width}`);
      });
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(path + address);
      await expect(page.getByRole("heading", { level: 1, includeHidden: true })).toBeVisible();
      await check(name);
    }
    await page.goto(`${path}/mapping`);
    await page
      .getByRole("button", { name: /^Client of / })
      .first()
      .click();
    await expect(page.getByPlaceholder("Find or name a client")).toBeVisible();
    await check("client-picker");
    await page.getByRole("option", { name: "Exclude: no assets from here" }).click();
    await page.getByRole("button", { name: "Review and save" }).click();
    await expect(page.getByRole("dialog").getByRole("button", { name: "Save 1 change" })).toBeEnabled();
    await check("preview");
    await page.goto("about:blank");
    await page.goto(`${path}/groups`);
    await page
      .getByRole("link", { name: /^Change/ })
      .first()
      .click();
    await expect(page.getByRole("button", { name: "What would it do?" })).toBeVisible();
    await check("group-form");
    expect(complaints).toEqual([]);
    await context.close();
  });
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("an account is connected, synced, mapped group by group, and disconnected", async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail address").fill(ADMIN.email);
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    const path = await connectAccount(page, "Without scripts");

    await page.getByRole("button", { name: "Sync groups" }).click();
    await expect(async () => {
      await page.reload();
      await expect(page.getByText("2 of 5 steps done")).toBeVisible({ timeout: 1_000 });
    }).toPass({ timeout: 30_000 });

    await page.getByRole("button", { name: "Check now" }).click();
    await expect(page.getByText("Can be read.")).toHaveCount(4);

    await page.goto(`${path}/mapping`);
    await page.getByRole("link", { name: "Open the list" }).click();
    await expect(page).toHaveURL(`${path}/groups`);
    await page
      .getByRole("link", { name: /^Change/ })
      .first()
      .click();
    await page.getByRole("radio", { name: "They belong to a new client:" }).check();
    await page.getByLabel("Name of the new client").fill("Without scripts, by form");
    await page.getByRole("button", { name: "What would it do?" }).click();
    await expect(page.getByText("1 new client")).toBeVisible();
    await expect(page.getByLabel("Name of the new client")).toHaveValue("Without scripts, by form");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect(page.getByRole("cell", { name: "Without scripts, by form", exact: true })).toBeVisible();

    await page.goto(`${path}/webhook`);
    await page.getByRole("button", { name: "Reveal once" }).click();
    await expect(page.getByText("it is not shown again")).toBeVisible();

    await page.goto(path);
    await page.getByRole("link", { name: "Disconnect" }).click();
    await page.getByRole("radio", { name: /as they are/ }).check();
    await page.getByRole("button", { name: "Disconnect", exact: true }).click();
    await expect(page.getByText("No key is stored.")).toBeVisible();
  });
});
