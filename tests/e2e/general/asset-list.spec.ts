import { expect, test, type Page } from "@playwright/test";

import { ensureFleet, signIn } from "../prepared";
import { expectAccessible, expectNoSidewaysScroll } from "../support";

const rows = (page: Page) => page.locator("tbody tr");
const ticks = (page: Page) => rows(page).getByRole("checkbox");
const firstName = (page: Page) => rows(page).first().locator("a").first().innerText();

test("assets are selected across pages, moved together after a preview, and moved back", async ({ page }) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/assets");
  const first = await firstName(page);
  await ticks(page).nth(0).check();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(rows(page).first()).not.toContainText(first);
  const second = await firstName(page);
  await ticks(page).nth(0).check();
  await expect(page.getByText("2 rows selected")).toBeVisible();

  // By keyboard alone.
  await page.getByLabel("What to do").focus();
  await page.keyboard.type("Move");
  await page.getByRole("button", { name: "Continue" }).press("Enter");
  const question = page.getByRole("alert").filter({ hasText: "Move 2 assets to no client?" });
  await expect(question).toContainText(first);
  await expect(question).toContainText(second);
  await expect(page.getByText("2 rows selected")).toBeVisible();
  await expectAccessible(page);
  await question.getByRole("button", { name: "Move" }).press("Enter");
  await expect(page.getByText("You changed 2 assets together.")).toBeVisible();
  const undo = new URL(page.url()).searchParams.get("undo");
  await page.goto(`/assets?client=none&undo=${undo}`);
  await expect(page.getByRole("link", { name: first })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("2 assets are as before.")).toBeVisible();
  await page.goto("/assets?client=none");
  await expect(page.getByRole("link", { name: first })).toBeHidden();
});

test("columns are chosen and kept, and filters are saved as a view, at every width", async ({ page }) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/assets?type=server&sort=seen");
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByLabel("Serial number").check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Serial number" })).toBeVisible();
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByLabel("Save what is shown as").fill("Servers by last seen");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The view Servers by last seen is saved.")).toBeVisible();

  await page.goto("/assets");
  await expect(page.getByRole("columnheader", { name: "Serial number" })).toBeVisible();
  await page.getByRole("button", { name: "Views" }).click();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Servers by last seen" }).click();
  await expect(page).toHaveURL(/type=server/);
  for (const width of [390, 1024, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSidewaysScroll(page);
    for (const name of ["Views", "Columns", "Continue"])
      await expect(page.getByRole("button", { name })).toBeInViewport({ ratio: 1 });
  }
  await expectAccessible(page);
});
