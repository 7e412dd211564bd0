import { expect, test, type Page } from "@playwright/test";

import { ensureFleet, signIn } from "../prepared";

const question = (page: Page) => page.getByRole("dialog", { name: "Leave without saving?" });
const overview = (page: Page) =>
  page.getByRole("link", { name: "Overview" }).filter({ visible: true }).first();

async function openFirst(page: Page, list: string, below = ""): Promise<string> {
  await page.goto(list);
  const address = (await page.locator(`tbody a[href^='${list}/']`).first().getAttribute("href"))! + below;
  await page.goto(address);
  return address;
}

test("unsaved text on an asset, a client and a new webhook is confirmed before a link leads away", async ({
  page,
}) => {
  await signIn(page);
  await ensureFleet(page);
  const forms: [open: () => Promise<string>, field: string, text: string][] = [
    [() => openFirst(page, "/assets", "/edit"), "Notes", "Under the desk"],
    [() => openFirst(page, "/clients", "?edit=1"), "Notes", "Calls on Mondays"],
    [() => page.goto("/assets/new").then(() => "/assets/new"), "Name", "Printer"],
    [() => page.goto("/events/webhooks").then(() => "/events/webhooks"), "Address", "https://example.com/a"],
  ];
  for (const [open, field, text] of forms) {
    const address = await open();
    const input = page.getByRole("main").getByLabel(field).first();
    await test.step(`${address}: nothing is asked if nothing is changed`, async () => {
      await overview(page).click();
      await expect(page).toHaveURL("/");
      await page.goto(address);
    });
    await test.step(`${address}: the dialog asks, and the text stays`, async () => {
      // Until scripts have loaded, a field can be filled but nothing handles the link.
      await expect(page.locator("body")).toBeVisible();
      await input.fill(text);
      await overview(page).click();
      await expect(question(page)).toBeVisible();
      await question(page).getByRole("button", { name: "Stay here" }).click();
      await expect(input).toHaveValue(text);
      await expect(page).toHaveURL(address);
    });
    await test.step(`${address}: or leaves`, async () => {
      await overview(page).click();
      await question(page).getByRole("button", { name: "Leave", exact: true }).click();
      await expect(page).toHaveURL("/");
    });
  }
});

test("saved text asks nothing", async ({ page }) => {
  await signIn(page);
  await ensureFleet(page);
  await openFirst(page, "/assets", "/edit");
  await page.getByLabel("Notes").fill(`Looked at ${Date.now()}`);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved. No sync overwrites it.")).toBeVisible();
  await overview(page).click();
  await expect(page).toHaveURL("/");
});
