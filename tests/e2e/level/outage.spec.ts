import { expect, test, type Page } from "@playwright/test";

import { connectAccount, setLatency, syncByButton, syncRow } from "../level-support";
import { ensureAccount, signIn } from "../prepared";
import { expectAccessible, fillSignIn, keepPicture, signInByForm } from "../support";

/** From here on no request reaches the server; open connections end. */
const cut = (page: Page) => page.context().setOffline(true);
const mend = (page: Page) => page.context().setOffline(false);

test("a page that watches a sync survives an outage, says so, and continues", async ({ page }, info) => {
  test.setTimeout(300_000);
  await signIn(page);
  await connectAccount(page, "Outage");
  await syncByButton(page, "Groups", "Sync groups");
  await setLatency(page, 1_500);
  const row = syncRow(page, "Devices and updates");
  await row.getByRole("button", { name: "Sync devices" }).click();
  await expect(row).toContainText(/\d+ pages? · /, { timeout: 20_000 });
  // Screen readers hear that it continues, and not each figure.
  const readOut = row.locator("[aria-live]");
  await expect(readOut).toHaveText("Devices and updates: under way");

  await cut(page);
  const notice = page.getByText("Connection lost, retrying");
  await expect(notice).toBeVisible({ timeout: 20_000 });
  await expect(row.getByRole("progressbar")).toBeVisible();
  await expectAccessible(page);
  await keepPicture(page, info, "connection-lost");

  await mend(page);
  await expect(notice).toHaveCount(0);
  await setLatency(page, 0);
  await expect(row.getByText("Completed", { exact: true })).toBeVisible({ timeout: 120_000 });
  await expect(readOut).toHaveText("Devices and updates: completed");
});

test("a page that could not be shown during an outage is shown when the server is back", async ({ page }) => {
  const clients = page.getByRole("link", { name: "Clients" }).first();
  await signIn(page);
  await page.goto("/");
  // Only a page with running scripts fetches the next page's scripts ahead, so that later only its data is missing.
  await expect(page.locator("html")).toHaveAttribute("data-hydrated");
  await clients.click();
  await expect(page.getByRole("heading", { level: 1, name: "Clients" })).toBeVisible();
  await page.getByRole("link", { name: "Overview" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await cut(page);
  await clients.click();
  await expect(page.getByRole("heading", { name: "The server does not answer" })).toBeVisible();
  await mend(page);
  await expect(page.getByRole("heading", { level: 1, name: "Clients" })).toBeVisible();
});

test.describe("unsaved changes of the mapping", () => {
  const unsaved = (page: Page) => page.getByText("1 unsaved change", { exact: true });
  const review = (page: Page) => page.getByRole("button", { name: "Review and save" }).click();
  const save = (page: Page) =>
    page.getByRole("dialog").getByRole("button", { name: "Save 1 change" }).click();

  test.beforeEach(async ({ page }) => {
    // The browser's own dialog before leaving a page with changes.
    page.on("dialog", (dialog) => void dialog.accept());
    await signIn(page);
    const path = await ensureAccount(page, "Unsaved");
    await page.goto(`${path}/mapping`);
    await page
      .getByRole("button", { name: /^Client of / })
      .first()
      .click();
    await page.getByPlaceholder("Find or name a client").fill(`Kept ${Date.now()}`);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(unsaved(page)).toBeVisible();
  });

  test("survive an outage, and a reload", async ({ page }, info) => {
    await cut(page);
    await review(page);
    await expect(page.getByRole("alert")).toContainText("The server could not be reached.");
    await mend(page);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("dialog").getByRole("button", { name: "Save 1 change" })).toBeEnabled();
    await cut(page);
    await save(page);
    await expect(page.getByRole("alert")).toContainText("Your changes are kept.");
    await expectAccessible(page);
    await keepPicture(page, info, "mapping-not-saved");
    await mend(page);
    await page.reload();
    await expect(unsaved(page)).toBeVisible();
    await review(page);
    await save(page);
    await expect(page.getByRole("status")).toContainText("1 group changed");
    await expect(unsaved(page)).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole("treegrid")).toBeVisible();
    await expect(unsaved(page)).toHaveCount(0);
  });

  test("survive the end of the session, and another sign-in in another tab", async ({ page }) => {
    await page.context().clearCookies({ name: "session" });
    await review(page);
    await expect(page.getByRole("alert")).toContainText("You are signed out by now.");
    const other = await page.context().newPage();
    await signInByForm(other);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("alert")).toContainText("opened under another sign-in");
    await page.context().clearCookies({ name: "session" });
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("button", { name: "Sign in" }).click();
    await fillSignIn(page);
    await expect(unsaved(page)).toBeVisible();
    await review(page);
    await save(page);
    await expect(page.getByRole("status")).toContainText("1 group changed");
  });

  test("are gone once a person leaves without them", async ({ page }) => {
    const here = page.url();
    await page.getByRole("link", { name: "Webhook" }).click();
    await page.getByRole("button", { name: "Leave" }).click();
    await expect(page).toHaveURL(/webhook$/);
    await page.goto(here);
    await expect(page.getByRole("treegrid")).toBeVisible();
    await expect(page.getByText(/unsaved change/)).toHaveCount(0);
  });
});
