import { expect, test } from "@playwright/test";

import { startEmptyApp, type EmptyApp } from "../empty-app";
import { expectAccessible, expectNoSidewaysScroll, keepPicture, looks, wear } from "../support";

let app: EmptyApp;
test.beforeAll(async () => {
  test.setTimeout(300_000);
  app = await startEmptyApp();
});
test.afterAll(() => app.close());

test("the printed link makes the company and its administrator, once, who then signs out and in", async ({
  page,
}, info) => {
  const { origin, href } = new URL(app.link);
  const person = { email: "ada@example.com", password: "a password of my own" };

  await test.step("without the link a page says where it is", async () => {
    await page.goto(`${origin}/`);
    await expect(page.getByRole("heading", { name: "Welcome to Plumbline" })).toBeVisible();
    await expect(page.getByText("Create the first administrator here (works once)")).toBeVisible();
    await keepPicture(page, info, "first-visit");
    await page.goto(`${origin}/setup?token=not-the-token`);
    await expect(page.getByRole("heading", { name: "This set-up link does not work" })).toBeVisible();
    await keepPicture(page, info, "bad-link");
  });

  await test.step("the page is accessible and fits", async () => {
    await page.goto(href);
    for (const look of looks) {
      await wear(page, look);
      if (look.axe) await expectAccessible(page);
      await expectNoSidewaysScroll(page);
      await keepPicture(page, info, `setup-${look.scheme}-${look.width}`);
    }
    await wear(page, looks[0]!);
  });

  await test.step("a weak password is refused beside its field, and the rest is kept", async () => {
    await page.getByLabel("Company").fill("Lovelace IT");
    await page.getByLabel("Your name").fill("Ada Lovelace");
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password").fill("ada@example.com");
    await page.getByLabel("Password").press("Enter");
    await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/Do not use your e-mail address/);
    await expect(page.getByLabel("Password")).toBeFocused();
    await expect(page.getByLabel("Company")).toHaveValue("Lovelace IT");
  });

  await test.step("a valid password makes the account, signed in at the next step", async () => {
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Create the account" }).click();
    await page.waitForURL(`${origin}/settings/integrations`);
    await expect(page.getByRole("status")).toContainText("connect your RMM");
    await expect(page.getByText("Lovelace IT").first()).toBeVisible();
  });

  await test.step("sign out, and in again", async () => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${origin}/sign-in`);
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password").fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  });

  await test.step("the link is used up", async () => {
    await page.goto(href);
    await expect(page.getByRole("heading", { name: "This installation is set up already" })).toBeVisible();
  });
});
