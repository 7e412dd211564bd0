import { expect, test } from "@playwright/test";

import { ADMIN } from "./support";

test.use({ javaScriptEnabled: false });

test("without scripts: sign in, make, rename, archive and restore a client, search, change the theme, sign out", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByLabel("E-mail address").fill(ADMIN.email);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();

  await page.goto("/clients");
  await page.getByText("New client").click();
  await page.getByLabel("Name", { exact: true }).fill("");
  await page.getByLabel("Name", { exact: true }).fill("Plain & <b>Old</b>");
  await page.getByRole("button", { name: "Create the client" }).click();
  await expect(page.getByRole("heading", { name: "Plain & <b>Old</b>" })).toBeVisible();
  await expect(page.getByRole("status")).toContainText("is created");

  await page.getByLabel("Name").fill("Plain and New");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Plain and New" })).toBeVisible();

  await page.goto("/clients");
  await page.getByLabel("Search").fill("PLAIN and");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "Plain and New" }).click();
  await page.getByRole("button", { name: "Archive" }).click();
  await expect(page.getByRole("status")).toContainText("archived");
  await page.goto("/clients?archived=1");
  await page.getByRole("link", { name: "Plain and New" }).first().click();
  await page.getByRole("button", { name: "Bring back" }).click();
  await expect(page.getByRole("status")).toContainText("back");

  await page
    .getByRole("button", { name: /^Theme: system/ })
    .filter({ visible: true })
    .click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page
    .getByRole("button", { name: /^Theme: light/ })
    .filter({ visible: true })
    .click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");

  await page.getByRole("button", { name: "Sign out" }).filter({ visible: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});
