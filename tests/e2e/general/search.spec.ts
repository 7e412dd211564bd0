import { expect, test, type Page } from "@playwright/test";

import { addressOf } from "../company";
import { ensureFleet, signIn, signInAs } from "../prepared";
import { expectAccessible, expectNoSidewaysScroll } from "../support";

const dialog = (page: Page) => page.getByRole("dialog", { name: "Search everywhere" });
const option = (page: Page, name: string | RegExp) => dialog(page).getByRole("option", { name });

test("search finds clients, assets and pages by keyboard alone, from any page", async ({ page }) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/assets");
  const asset = await page.locator("tbody a[href^='/assets/']").first().innerText();

  await page.keyboard.press("Control+k");
  await expect(dialog(page).getByRole("combobox")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.type(asset.toUpperCase());
  await expect(option(page, asset).first()).toHaveAttribute("aria-selected", "true");
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: asset })).toBeVisible();
  await expect(dialog(page)).toBeHidden();

  await page.keyboard.press("/");
  await expect(dialog(page)).toBeVisible();
  await page.keyboard.type("sync runs");
  await expect(option(page, "Sync runs")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/runs");

  await page.keyboard.press("Meta+k");
  await page.keyboard.type("no such thing anywhere");
  await expect(dialog(page)).toContainText("Nothing matches “no such thing anywhere”.");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();

  await page.goto("/assets");
  await page.getByLabel("Search").click();
  await page.keyboard.type("10/24");
  await expect(page.getByLabel("Search")).toHaveValue("10/24");
  await expect(dialog(page)).toBeHidden();
});

test("search says if it gets no answer, and tries again; it ignores a late answer to an earlier text", async ({
  page,
}) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/clients");
  const client = await page.locator("tbody a[href^='/clients/']").first().innerText();
  let answers: "none" | "all" = "none";
  const stopped: string[] = [];
  page.on("requestfailed", (request) => stopped.push(new URL(request.url()).search));
  await page.route("**/search?q=*", async (route) => {
    if (route.request().url().endsWith("q=slow")) return;
    await (answers === "none" ? route.fulfill({ status: 500 }) : route.continue());
  });
  await page.getByRole("button", { name: "Search" }).click();
  const asked = page.waitForRequest("**/search?q=slow");
  await page.getByRole("combobox").fill("slow");
  await asked;
  await expect(dialog(page).getByRole("listbox")).toHaveAttribute("aria-busy", "true");
  await page.getByRole("combobox").fill(client);
  await expect(dialog(page).getByRole("alert")).toContainText("The search got no answer.");
  answers = "all";
  await dialog(page).getByRole("button", { name: "Try again" }).click();
  await expect(option(page, client).first()).toBeVisible();
  await expect(dialog(page).getByRole("alert")).toBeHidden();
  expect(stopped).toContain("?q=slow");
});

test("a viewer finds no action that would be refused, and a phone shows the whole dialog", async ({
  browser,
  page,
}) => {
  await signIn(page);
  const viewer = await signInAs(browser, page, {
    name: "Vera",
    email: addressOf("vera-search"),
    role: "viewer",
  });
  await viewer.setViewportSize({ width: 390, height: 844 });
  await viewer.goto("/");
  await viewer.getByRole("button", { name: "Search" }).click();
  await expect(option(viewer, "Sync runs")).toBeVisible();
  await expect(option(viewer, "Your account")).toBeVisible();
  await expect(option(viewer, "Invite a person")).toBeHidden();
  await expect(option(viewer, "People")).toBeHidden();
  await expectNoSidewaysScroll(viewer);
  await expectAccessible(viewer);
  await viewer.context().close();
});
