import { expect, test, type Page } from "@playwright/test";

import {
  complaintsOf,
  ensureFleet,
  expectAccessible,
  expectNoSidewaysScroll,
  keepPicture,
  signIn,
} from "./support";

/** Every page behind sign-in; a function finds the address by going there. */
const pages: Record<string, string | ((page: Page) => Promise<void>)> = {
  overview: "/",
  assets: "/assets",
  "assets-none-found": "/assets?q=no-such-thing",
  asset: (page) => follow(page, "/assets", "tbody a"),
  clients: "/clients",
  client: (page) => follow(page, "/clients", "tbody a"),
  runs: "/runs",
  run: (page) => follow(page, "/runs?type=full", "tbody a"),
  alerts: "/alerts",
  deliveries: "/alerts/deliveries",
  account: "/settings/account",
  people: "/settings/people",
  audit: "/settings/audit",
  integrations: "/settings/integrations",
  "level-accounts": "/settings/integrations/levelio",
  level: (page) => openConnection(page, ""),
  "level-mapping": (page) => openConnection(page, "/mapping"),
  "level-devices": (page) => openConnection(page, "/devices"),
  "level-webhook": (page) => openConnection(page, "/webhook"),
  "not-found": "/no/such/page",
};

async function follow(page: Page, list: string, link: string): Promise<void> {
  await page.goto(list);
  const target = await page.locator(link).first().getAttribute("href");
  await page.goto(target!);
}

/** A page of the first connected account. */
async function openConnection(page: Page, part: string): Promise<void> {
  const accounts = "/settings/integrations/levelio";
  await page.goto(accounts);
  const account = await page.locator(`main a[href^="${accounts}/"]`).first().getAttribute("href");
  await page.goto(account! + part);
}

/** Colours and layout are independent of each other, so two looks out of four meet every rule of axe. */
const looks = [
  { scheme: "light", width: 1360, height: 900, axe: true },
  { scheme: "dark", width: 1360, height: 900, axe: false },
  { scheme: "light", width: 390, height: 844, axe: false },
  { scheme: "dark", width: 390, height: 844, axe: true },
] as const;

for (const { scheme, width, height, axe } of looks) {
  test(`every page is accessible, quiet and fits: ${scheme}, ${width} wide`, async ({ browser }, info) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width, height },
      reducedMotion: "reduce",
      timezoneId: "Europe/Berlin",
    });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const check = async (name: string) => {
      await test.step(name, async () => {
        if (axe) await expectAccessible(page);
        await expectNoSidewaysScroll(page);
        await keepPicture(page, info, `${name}-${scheme}-${width}`);
      });
    };
    await page.goto("/sign-in");
    await check("sign-in");
    await signIn(page);
    await ensureFleet(page);
    complaints.length = 0;
    for (const [name, target] of Object.entries(pages)) {
      if (typeof target === "string") await page.goto(target);
      else await target(page);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await check(name);
    }
    // The browser itself reports the page that is not there.
    expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
    await context.close();
  });
}

test("lists find, filter and turn pages by their address, and the way back works", async ({ page }) => {
  await signIn(page);
  await ensureFleet(page);
  await page.goto("/assets");
  await expect(page.getByText(/1–50 of \d+ assets/)).toBeVisible();
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page).toHaveURL(/page=2/);
  await page.getByLabel("Type").selectOption("server");
  await expect(page).toHaveURL(/type=server/);
  await expect(page).not.toHaveURL(/page=2/);
  const servers = await page.getByRole("row").count();
  expect(servers).toBeGreaterThan(1);
  await page.getByLabel("Search").fill("no such machine");
  await expect(page.getByText("No asset fits")).toBeVisible();
  await page.getByRole("link", { name: "Show all assets" }).click();
  await expect(page.getByText(/1–50 of \d+ assets/)).toBeVisible();
  await expect(page.getByLabel("Search")).toHaveValue("");
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
    // The server knows the zone from then on: nothing jumps when scripts start.
    const html = await (await page.request.get("/runs")).text();
    expect(html).toContain(zone!);
    await context.close();
  }
});

test("the keyboard reaches the content without walking through the menu", async ({ page }) => {
  await signIn(page);
  await page.goto("/clients");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});

test("on a phone the menu opens, leads somewhere and closes", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await signIn(page);
  await page.locator("summary", { hasText: "Menu" }).click();
  const menu = page.getByRole("navigation", { name: "Main" }).filter({ visible: true });
  await menu.getByRole("link", { name: "Clients" }).click();
  await expect(page.getByRole("heading", { name: "Clients", level: 1 })).toBeVisible();
  await expect(menu).toHaveCount(0);
  await context.close();
});
