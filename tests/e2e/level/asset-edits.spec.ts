import { expect, test, type Page } from "@playwright/test";

import { ensureFleet, signIn } from "../prepared";
import { complaintsOf, expectAccessible, expectNoSidewaysScroll, keepPicture } from "../support";

/** The form behind "Edit" on the asset's page. */
const details = (page: Page) => page.locator("form", { has: page.getByRole("button", { name: "Save" }) });

/** Refreshes the asset from Level, and waits until that has ended. */
async function refresh(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole("button", { name: "Refresh from the RMM" }).click();
  await expect(page.getByText(/^(Nothing changed|What the refresh changed)$/)).toBeVisible({
    timeout: 30_000,
  });
  expect(new URL(page.url()).pathname).toBe(address);
}

test("an edit survives a sync, differs from Level, and yields to Level's value on request", async ({
  page,
}, info) => {
  test.setTimeout(300_000);
  await signIn(page);
  await ensureFleet(page);
  const complaints = complaintsOf(page);
  await page.goto("/assets?state=online");
  await page.locator("tbody tr a[href^='/assets/']").first().click();
  await page.waitForURL(/\/assets\/[0-9a-f-]{36}/);
  const address = new URL(page.url()).pathname;
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  const levels = await details(page).getByLabel("Name").inputValue();
  const ours = `Front desk ${Date.now()}`;

  await test.step("an empty name is refused beside the field", async () => {
    await details(page).getByLabel("Name").fill("   ");
    await details(page).getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Enter a name.")).toBeVisible();
  });

  await test.step("a name is set, and survives a sync", async () => {
    await details(page).getByLabel("Name").fill(ours);
    await details(page).getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { level: 1, name: ours })).toBeVisible();
    await refresh(page, address);
    await expect(page.getByRole("heading", { level: 1, name: ours })).toBeVisible();
    await expect(page.getByText(`Set by a person. Level says ${levels}.`)).toBeVisible();
    await expectAccessible(page);
    await keepPicture(page, info, "asset-held");
  });

  await test.step("the difference is listed, also on a phone", async () => {
    await page.goto("/assets/differences");
    await expect(page.getByRole("row").filter({ hasText: ours })).toContainText(levels);
    await expectAccessible(page);
    await keepPicture(page, info, "differences");
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoSidewaysScroll(page);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step("all matches are resolved at once, after a confirmation", async () => {
    await page.getByRole("searchbox").fill(ours);
    await page.waitForURL(/q=/);
    await page.getByRole("checkbox", { name: "The one difference that matches" }).check();
    await page.getByRole("button", { name: "Use Level's", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Use Level's" }).click();
    await expect(page.getByText("1 value set to Level's.")).toBeVisible();
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1, name: levels })).toBeVisible();
    await refresh(page, address);
    await expect(page.getByRole("heading", { level: 1, name: levels })).toBeVisible();
    await expect(page.getByText("Set by a person.")).toHaveCount(0);
  });

  expect(complaints.filter((text) => !text.includes("422"))).toEqual([]);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("an asset is edited, and a difference resolved in its row", async ({ page }) => {
    await signIn(page);
    await page.goto("/assets?state=online");
    await page.locator("tbody tr a[href^='/assets/']").first().click();
    await page.getByRole("link", { name: "Edit", exact: true }).click();
    const levels = await details(page).getByLabel("Name").inputValue();
    const ours = `Plain desk ${Date.now()}`;
    await details(page).getByLabel("Name").fill(ours);
    await details(page).getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { level: 1, name: ours })).toBeVisible();
    await page.goto(`/assets/differences?q=${encodeURIComponent(ours)}`);
    await page
      .getByRole("button", { name: `Use Level's for the name of ${ours}` })
      .filter({ visible: true })
      .click();
    await expect(page.getByRole("status")).toContainText("1 value set to Level's.");
    await page.goto(`/assets?q=${encodeURIComponent(levels)}`);
    await expect(page.getByRole("link", { name: levels }).first()).toBeVisible();
  });
});
