import { expect, test } from "@playwright/test";

import { ensureFleet, signIn } from "../prepared";

test("lists search, filter and change pages by their address, and the Back button works", async ({
  page,
}) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/assets");
  await expect(page.getByText(/1–50 of \d+ assets/)).toBeVisible();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page).toHaveURL(/after=/);
  await page.getByLabel("Type").selectOption("server");
  await expect(page).toHaveURL(/type=server/);
  await expect(page).not.toHaveURL(/after=/);
  const servers = await page.getByRole("row").count();
  expect(servers).toBeGreaterThan(1);
  await page.getByLabel("Search").fill("no such machine");
  await expect(page.getByText("No asset matches")).toBeVisible();
  await page.getByRole("link", { name: "Show all assets" }).click();
  await expect(page.getByText(/1–50 of \d+ assets/)).toBeVisible();
  await expect(page.getByLabel("Search")).toHaveValue("");
});

test("a choice keeps the focus and the text typed beside it, and Back shows the form as the list has it", async ({
  page,
}) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/assets");
  const type = page.getByLabel("Type");
  const search = page.getByLabel("Search");
  await type.focus();
  await page.keyboard.press("ArrowDown");
  await expect(page).toHaveURL(/type=workstation/);
  await expect(type).toBeFocused();
  await type.selectOption("server");
  await search.fill("no such machine");
  await expect(page).toHaveURL(/q=no\+such\+machine.*type=server/);
  await page.getByRole("link", { name: "Show all assets" }).click();
  await expect(type).toHaveValue("");
  await expect(search).toHaveValue("");
  await page.goBack();
  await expect(type).toHaveValue("server");
  await expect(search).toHaveValue("no such machine");
});

test("no list is cut off, at the width of a small laptop or a phone", async ({ browser }) => {
  const lists = ["/", "/assets", "/clients", "/patches", "/runs", "/alerts", "/events", "/settings/people"];
  for (const width of [1280, 390]) {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    await signIn(page);
    await ensureFleet(page);
    for (const list of lists) {
      await page.goto(list);
      const cutOff = await page
        .getByRole("main")
        .getByRole("region")
        .evaluateAll((regions) =>
          regions
            .filter((region) => region.scrollWidth > region.clientWidth + 1)
            .map((region) => region.getAttribute("aria-label")),
        );
      expect(cutOff, `${list} at ${width}`).toEqual([]);
    }
    await context.close();
  }
});

test("a file that is too large is refused with a message, and the page keeps working", async ({ page }) => {
  await signIn(page);
  await page.goto("/clients/import");
  await page.getByLabel("CSV file").setInputFiles({
    name: "large.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`name\n${"Somebody\n".repeat(1_200_000)}`),
  });
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("a form may have 1 MB at most")).toBeVisible();
  await page.goto("/clients");
  await expect(page.getByRole("heading", { level: 1, name: "Clients" })).toBeVisible();
});

test("times are in the reader's zone, with the exact time on hover", async ({ browser }) => {
  for (const [timezoneId, zone] of [
    ["Asia/Tokyo", "GMT+9"],
    ["America/Phoenix", "GMT-7"],
  ]) {
    const context = await browser.newContext({ timezoneId: timezoneId! });
    const page = await context.newPage();
    await signIn(page);
    await ensureFleet(page);
    await page.goto("/runs");
    await expect(page.locator("tbody time").first()).toHaveAttribute(
      "title",
      new RegExp(zone!.replace("+", "\\+")),
    );
    // The server knows the zone from then on, so nothing jumps when scripts start.
    const html = await (await page.request.get("/runs")).text();
    expect(html).toContain(zone!);
    await context.close();
  }
});

test("the keyboard reaches the content without going through the menu", async ({ page }) => {
  await signIn(page);
  await page.goto("/clients");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});

test("on a phone the menu opens, navigates and closes", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await signIn(page);
  await page.goto("/");
  await page.locator("summary", { hasText: "Menu" }).click();
  const menu = page.getByRole("navigation", { name: "Main" }).filter({ visible: true });
  await menu.getByRole("link", { name: "Clients" }).click();
  await expect(page.getByRole("heading", { name: "Clients", level: 1 })).toBeVisible();
  await expect(menu).toHaveCount(0);
  await context.close();
});
