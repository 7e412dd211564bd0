import AxeBuilder from "@axe-core/playwright";
import { expect, type Browser, type BrowserContext, type Page, type TestInfo } from "@playwright/test";

import { company, PASSWORD } from "./company";

/** The administrator of the company of the running test's file. */
export const administrator = () => ({ email: company().admin.email, password: PASSWORD });

export async function signIn(page: Page, person = administrator(), next = "/"): Promise<void> {
  await page.goto(next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname + url.search === next);
}

export interface Invited {
  name: string;
  email: string;
  role: "admin" | "technician" | "viewer";
}

/** Invites a person. Returns the path of the link. */
export async function invite(admin: Page, person: Invited): Promise<string> {
  await admin.goto("/settings/people");
  const invitation = admin.locator("form", {
    has: admin.getByRole("button", { name: "Make the invitation" }),
  });
  await invitation.getByLabel("Name").fill(person.name);
  await invitation.getByLabel("E-mail address").fill(person.email);
  await invitation.getByLabel("Role").selectOption(person.role);
  await invitation.getByRole("button", { name: "Make the invitation" }).click();
  return new URL(await admin.getByText(/\/invite\/[\w-]{40,}$/).innerText()).pathname;
}

/** A page of a newly invited person with a role of their own. */
export async function signInAs(browser: Browser, admin: Page, person: Invited): Promise<Page> {
  const link = await invite(admin, person);
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.getByLabel("Password").fill("a password of my own");
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.waitForURL("/");
  return page;
}

export interface Look {
  scheme: "light" | "dark";
  width: number;
  height: number;
  axe: boolean;
}

/** Pictures of pages are kept with the results (E2E_PICTURES=1). */
const keepsPictures = process.env["E2E_PICTURES"] === "1";

/**
 * The looks in which a page is tested. Colours and layout are independent, so two of the four looks cover every rule of
 * axe and each width; the others are for pictures.
 */
export const looks: Look[] = [
  { scheme: "light" as const, width: 1360, height: 900, axe: true },
  { scheme: "dark" as const, width: 1360, height: 900, axe: false },
  { scheme: "dark" as const, width: 390, height: 844, axe: true },
  { scheme: "light" as const, width: 390, height: 844, axe: false },
].filter(({ axe }) => axe || keepsPictures);

/** Switches the loaded page to another look; reloading would only take longer. */
export async function wear(page: Page, { scheme, width, height }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.setViewportSize({ width, height });
  // Colours in transition to another scheme have no contrast to test: they take a millisecond and a frame.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
}

/** Collects the browser's console errors; a test that uses it expects none. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.text()} on ${page.url()}`);
  });
  page.on("pageerror", (error) => complaints.push(`${error.message} on ${page.url()}`));
  return complaints;
}

/** Rows of a list are alike: a fault of the sixth is also one of the first five. */
const MORE_ROWS = "tbody tr:nth-child(n+6), [role=treegrid] [role=row]:nth-child(n+9)";

/** Accessibility problems that axe can find. */
export async function barriersOf(page: Page): Promise<string[]> {
  // An element that fades has no contrast to test; a spinner never ends.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
        .map(({ finished }) => finished),
    ).then(() => undefined),
  );
  const axe = new AxeBuilder({ page }).options({
    resultTypes: ["violations"],
    // Off by default because axe still calls it experimental; people who use voice control say the visible label.
    rules: { "label-content-name-mismatch": { enabled: true } },
  });
  // In the page itself, because our pages have no frames and the other way opens a new page for each look.
  const { violations } = await axe.exclude(MORE_ROWS).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

export async function expectAccessible(page: Page): Promise<void> {
  expect(await barriersOf(page)).toEqual([]);
}

/** Pixels by which the page is too wide: it may scroll down, never sideways. */
export const excessWidth = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(await excessWidth(page)).toBeLessThanOrEqual(0);
}

/** A picture of the page, if pictures are kept. Chromium sometimes never draws the requested frame. */
export async function keepPicture(page: Page, info: TestInfo, name: string): Promise<void> {
  if (!keepsPictures) return;
  const path = info.project.outputDir + `/pages/${name}.png`;
  const take = () => page.screenshot({ path, animations: "disabled", timeout: 10_000 });
  await expect(take).toPass({ timeout: 40_000 });
  await info.attach(name, { path, contentType: "image/png" });
}

/** Sends a form as the page at `path` would, and returns the answer. */
async function postForm(page: Page, path: string, fields: Record<string, string>) {
  await page.goto(path);
  const csrf = await page.locator('input[name="csrf"]').first().inputValue();
  return page.request.post(path, {
    form: { csrf, ...fields },
    headers: { Origin: new URL(page.url()).origin },
  });
}

/** Blocks the scripts of pages until the returned function is called. */
export async function holdScripts(page: Page): Promise<() => void> {
  let bring = () => {};
  const scripts = new Promise<void>((resolve) => (bring = resolve));
  await page.route("**/build/**/*.js", (route) => scripts.then(() => route.continue()));
  return bring;
}

/** Makes sure that there are assets: connects the simulator, maps all its groups and syncs, unless that was done. */
export async function ensureFleet(page: Page): Promise<void> {
  await page.goto("/assets?state=all");
  if ((await page.locator("tbody tr").count()) > 0) return;
  const accounts = "/settings/integrations/levelio";
  await postForm(page, `${accounts}?index`, { intent: "connect", label: "Fleet", apiKey: company().apiKey });
  await page.goto(accounts);
  await page.getByRole("link", { name: "Fleet" }).click();
  await page.waitForURL(/levelio\/[0-9a-f-]{36}/);
  const account = new URL(page.url()).pathname;
  await syncAndWait(page, account, "organizations");
  const data = await page.request.get(
    `${account}/mapping?_data=${encodeURIComponent("routes/_app.settings.integrations.levelio.$connectionId.mapping")}`,
  );
  const { page: mapping } = (await data.json()) as {
    page: { version: number; groups: { id: string; name: string; parentId: string | null }[] };
  };
  const changes = mapping.groups
    .filter((group) => group.parentId === null)
    .map((group) => ({ externalId: group.id, state: "mapped", clientName: group.name }));
  await postForm(page, `${account}/mapping`, {
    intent: "save",
    version: String(mapping.version),
    changes: JSON.stringify(changes),
  });
  await syncAndWait(page, account, "full");
  await page.goto("/assets");
  await expect(page.locator("tbody tr").first()).toBeVisible();
}

async function syncAndWait(page: Page, account: string, type: string): Promise<void> {
  await postForm(page, `${account}?index`, { intent: "sync", type });
  await page.goto("/runs");
  await expect(async () => {
    await page.reload();
    await expect(page.locator("tbody tr").first()).toContainText(/Completed/);
  }).toPass({ timeout: 45_000 });
}

/** Limits for a page's first load: compressed bytes of scripts, and layout shift. */
export const budgets = { scriptBytes: 200 * 1000, shift: 0.05 };

/** Makes the pages of a context record how far their parts shift without a person's action. */
export const noteShifts = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const noted = { shift: 0 };
    Object.assign(window, { noted });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
      })[])
        if (!entry.hadRecentInput) noted.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });

/**
 * The compressed bytes of scripts since the page was loaded, and its layout shift. A script from the browser's cache
 * counts with its transferred size.
 */
export const loadOf = (page: Page): Promise<{ scriptBytes: number; shift: number }> =>
  page.evaluate(async () => {
    await new Promise((resolve) => requestIdleCallback(resolve));
    const scripts = performance
      .getEntriesByType("resource")
      .filter(({ name }) => new URL(name).pathname.endsWith(".js")) as PerformanceResourceTiming[];
    return {
      scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      shift: (window as unknown as { noted: { shift: number } }).noted.shift,
    };
  });
