import { expect, test } from "@playwright/test";

import { connectAccount } from "../level-support";
import { administrator, signIn } from "../support";

test.use({ javaScriptEnabled: false });

test("without scripts: sign in, make, rename, archive and restore a client, search, change the theme, sign out", async ({
  page,
}) => {
  await page.goto("/");
  await page.getByLabel("E-mail address").fill(administrator().email);
  await page.getByLabel("Password").fill(administrator().password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();

  await page.goto("/clients");
  await page.getByText("New client").click();
  await page.getByLabel("Name", { exact: true }).fill("");
  await page.getByLabel("Name", { exact: true }).fill("Plain & <b>Old</b>");
  await page.getByRole("button", { name: "Create the client" }).click();
  await expect(page.getByRole("heading", { name: "Plain & <b>Old</b>" })).toBeVisible();
  await expect(page.getByRole("status")).toContainText("is created");

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Name").fill("Plain and New");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Plain and New" })).toBeVisible();

  await page.goto("/clients");
  await page.getByLabel("Search").fill("PLAIN and");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: "Plain and New" }).click();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Archive" }).click();
  const question = page.getByRole("dialog", { name: "Archive Plain and New?" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();
  await page.getByRole("button", { name: "Archive" }).click();
  await question.getByRole("button", { name: "Archive" }).click();
  await expect(page.getByRole("status")).toContainText("archived");
  await page.goto("/clients?archived=1");
  await page.getByRole("link", { name: "Plain and New" }).first().click();
  await page.getByRole("link", { name: "Edit" }).click();
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

test("without scripts: an account is connected, synced, mapped group by group, and disconnected", async ({
  page,
}) => {
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
