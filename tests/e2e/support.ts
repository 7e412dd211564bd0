import { readFileSync } from "node:fs";

import AxeBuilder from "@axe-core/playwright";
import { expect, type BrowserContext, type Page, type TestInfo } from "@playwright/test";

import { administrator, type Invited } from "./prepared";

/** Signs in on the page; `signIn` gives a browser the session that most tests need in less time. */
export async function signInByForm(page: Page, person = administrator()): Promise<void> {
  await page.goto("/sign-in");
  await fillSignIn(page, person);
  await page.waitForURL("/");
}

/** Fills and sends the form of the page for signing in. */
export async function fillSignIn(page: Page, person = administrator()): Promise<void> {
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
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

/** Switches the loaded page to another look, and waits until it has it; reloading would only take longer. */
export async function wear(page: Page, look: Look): Promise<void> {
  await putOn(page, look);
  await atRest(page);
}

/** Sets the look of what is loaded next. */
export async function putOn(page: Page, { scheme, width, height }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.setViewportSize({ width, height });
}

/** Milliseconds after which a page counts as drawn: Chromium sometimes never draws a requested frame. */
const UNDRAWN_MS = 100;

/** Waits until the page has drawn its window's size, and ends transitions: text that fades has no contrast to test. */
async function atRest(page: Page): Promise<void> {
  const { width } = page.viewportSize()!;
  await page.evaluate(
    async ({ width, undrawnMs }) => {
      const drawn = () =>
        new Promise<unknown>((resolve) => {
          requestAnimationFrame(() => requestAnimationFrame(resolve));
          setTimeout(resolve, undrawnMs);
        });
      do await drawn();
      while (window.innerWidth !== width);
      // A spinner never ends.
      const transitions = () =>
        document
          .getAnimations()
          .filter(
            ({ playState, effect }) =>
              playState === "running" && effect?.getComputedTiming().endTime !== Infinity,
          );
      // The end of one may start another, in an element that inherits its colour.
      for (let running = transitions(); running.length > 0; running = transitions())
        for (const each of running) each.finish();
    },
    { width, undrawnMs: UNDRAWN_MS },
  );
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

/** What `AxeBuilder` would send twice for each analysis, and not minified. */
const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

interface WindowWithAxe {
  axe?: { _audit: { rules: { id: string; impact?: string }[] } };
}

/** Ids of the rules that are not listed below, because a violation of them is neither serious nor critical. */
let mild: string[] | undefined;

/** Accessibility problems that axe can find. */
export async function barriersOf(page: Page): Promise<string[]> {
  await atRest(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  mild ??= await page.evaluate(() =>
    (window as WindowWithAxe)
      .axe!._audit.rules.filter(({ impact }) => impact === "minor" || impact === "moderate")
      .map(({ id }) => id),
  );
  const axe = new AxeBuilder({ page, axeSource: "undefined" }).options({
    reporter: "no-passes",
    resultTypes: ["violations"],
    rules: {
      ...Object.fromEntries(mild.map((id) => [id, { enabled: false }])),
      // Off by default because axe still calls it experimental; people who use voice control say the visible label.
      "label-content-name-mismatch": { enabled: true },
    },
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

/** Blocks the scripts of pages until the returned function is called. */
export async function holdScripts(page: Page): Promise<() => void> {
  let bring = () => {};
  const scripts = new Promise<void>((resolve) => (bring = resolve));
  await page.route("**/build/**/*.js", (route) => scripts.then(() => route.continue()));
  return bring;
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
