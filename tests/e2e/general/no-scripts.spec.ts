import { expect, test, type Page } from "@playwright/test";

import { connectAccount } from "../level-support";
import { signIn } from "../prepared";
import { fillSignIn } from "../support";

test.use({ javaScriptEnabled: false });

/** The note that scripts are off; text matchers skip such elements. */
const noticesOf = (page: Page) =>
  page.locator("main noscript").evaluateAll((all) => all.map((one) => one.innerHTML).join("\n"));

test("without scripts: sign in, make, rename and find a client, change the theme, sign out", async ({
  page,
}) => {
  await page.goto("/");
  await fillSignIn(page);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();

  await page.goto("/clients");
  await page.getByText("New client").click();
  await page.getByLabel("Name", { exact: true }).fill("");
  await page.getByLabel("Name", { exact: true }).fill("Plain & <b>Old</b>");
  await page.getByRole("button", { name: "Create the client" }).click();
  await expect(page.getByRole("heading", { name: "Plain & <b>Old</b>" })).toBeVisible();
  await expect(page.getByRole("status")).toContainText("is created");

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Name" }).first().fill("Plain and New");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Plain and New" })).toBeVisible();

  await page.goto("/clients");
  await page.getByLabel("Search").fill("PLAIN and");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "Plain and New" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  // The confirmation before a change needs scripts; the page says so.
  await expect(page.getByRole("button", { name: "Archive" })).toBeDisabled();
  expect(await noticesOf(page)).toContain("JavaScript is off.");

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

test("without scripts: an account is connected, synced, and disconnected", async ({ page }) => {
  await signIn(page);
  const path = await connectAccount(page, "Without scripts");

  await page.getByRole("button", { name: "Sync groups" }).click();
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("2 of 5 steps done")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });

  await page.getByRole("button", { name: "Check now" }).click();
  await expect(page.getByText("Can be read.")).toHaveCount(4);

  await page.goto(`${path}/mapping`);
  expect(await noticesOf(page)).toContain("The mapping needs JavaScript");

  await page.goto(`${path}/webhook`);
  await page.getByRole("button", { name: "Reveal once" }).click();
  await expect(page.getByText("it is not shown again")).toBeVisible();

  await page.goto(path);
  await page.getByRole("link", { name: "Disconnect" }).click();
  await page.getByRole("radio", { name: /as they are/ }).check();
  await page.getByRole("button", { name: "Disconnect", exact: true }).click();
  await expect(page.getByText("No key is stored.")).toBeVisible();
});
