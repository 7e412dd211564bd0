import { expect, test, type APIRequestContext, type Page } from "@playwright/test";

import { company, levelUrl } from "../company";
import { ensureFleet, signIn } from "../prepared";
import { excessWidth, keepPicture } from "../support";
import { areas, ensureDelivery, open } from "./views";

/** Widths: usual windows, the width at which the sidebar appears beside the page, and a phone. */
const WIDTHS = [1440, 1280, 1145, 1024, 390];

/** A name of the maximum length, in one word and first in the alphabet, so that the pages of single records show it. */
const long = (name: string, length = 240) => `${"A".repeat(length - name.length)}${name}`;

async function mutate(request: APIRequestContext, op: string, ...args: unknown[]): Promise<void> {
  const answer = await request.post(`${levelUrl()}/_control/mutate`, { data: { op, args } });
  expect(answer.ok(), op).toBe(true);
}

async function list<T>(request: APIRequestContext, kind: string): Promise<T[]> {
  const headers = { authorization: company().apiKey };
  const answer = await request.get(`${levelUrl()}/v2/${kind}?limit=100`, { headers });
  return ((await answer.json()) as { data: T[] }).data;
}

/** Gives groups, devices and their alerts names of one long word; some keep ordinary names. */
async function lengthenNames(request: APIRequestContext): Promise<void> {
  const groups = await list<{ id: string; parent_id: string | null }>(request, "groups");
  const top = groups.filter(({ parent_id }) => parent_id === null);
  for (const [n, { id }] of top.slice(0, 3).entries())
    await mutate(request, "renameGroup", id, long(`client${n}`, 200));
  for (const [n, { id }] of groups
    .filter(({ parent_id }) => parent_id !== null)
    .slice(0, 6)
    .entries())
    await mutate(request, "renameGroup", id, long(`group${n}`));
  const devices = await list<{ id: string }>(request, "devices");
  for (const [n, { id }] of devices.slice(0, 40).entries())
    await mutate(request, "patchDevice", id, { hostname: long(`device${n}`), nickname: null });
  const alerts = await list<{ id: string; device_id: string }>(request, "alerts");
  for (const [n, alert] of alerts.slice(0, 20).entries())
    await mutate(request, "patchAlert", alert.id, {
      name: long(`alert${n}`),
      device_hostname: long(`device${n}`),
    });
}

/** Runs a sync that holds changes, because nearly all devices of an account go. */
async function holdChanges(page: Page): Promise<void> {
  const devices = await list<{ id: string }>(page.request, "devices");
  for (const { id } of devices.slice(0, 60)) await mutate(page.request, "removeDevice", id);
  await page.goto("/settings/integrations/levelio");
  await page.getByRole("link", { name: "Fleet", exact: true }).click();
  const row = page.getByRole("listitem").filter({ hasText: "Devices and updates" });
  const link = row.locator('a[href^="/runs/"]').first();
  const before = await link.getAttribute("href");
  await row.getByRole("button", { name: "Sync devices" }).click();
  await expect(link).not.toHaveAttribute("href", before!);
  await page.goto((await link.getAttribute("href"))!);
  await expect(page.locator("header").getByText(/^Completed/)).toBeVisible({ timeout: 120_000 });
}

/** Text or buttons that cannot be reached without scrolling sideways: outside the window, or cut off by their box. */
const beyondReach = (page: Page, width: number): Promise<string[]> =>
  page.evaluate((width) => {
    if (window.innerWidth !== width) return [`The window has ${window.innerWidth} pixels still.`];
    const { clientWidth } = document.documentElement;
    // A phone's lists, and the tabs above a page, may scroll sideways with a finger.
    const mayScroll = clientWidth < 1000;
    const problemOf = (control: Element): string | null => {
      const { left, width, height, ...area } = control.getBoundingClientRect().toJSON() as DOMRect;
      let { right } = area;
      if (width <= 1 || height <= 1) return null;
      if (!control.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return null;
      if (control.matches("[type=checkbox]") && width < 15.5) return "shrunk by the words beside it";
      for (let box = control.parentElement; box !== null; box = box.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(box);
        if (overflowX === "visible") continue;
        if (mayScroll && overflowX === "auto") return null;
        const edges = box.getBoundingClientRect();
        // An ellipsis stands for the rest of a name.
        if (textOverflow === "ellipsis") right = Math.min(right, edges.right);
        else if (right > edges.right + 1 || left < edges.left - 1) return "cut off";
      }
      return right > clientWidth + 1 || left < -1 ? "beyond the window" : null;
    };
    const pushed = [...document.querySelectorAll("[role=region]")]
      .filter((list) => !mayScroll && list.scrollWidth > list.clientWidth + 1)
      .map((list) => `columns of “${list.getAttribute("aria-label")}”`);
    const kinds = "a[href], button, input:not([type=hidden]), select, summary, textarea";
    const controls = [...document.querySelectorAll(kinds)]
      .map((control) => {
        const problem = problemOf(control);
        if (problem === null) return null;
        const name = control.getAttribute("aria-label") ?? control.textContent ?? "";
        return `${control.tagName.toLowerCase()} “${name.slice(0, 30)}…${name.slice(-10)}”: ${problem}`;
      })
      .filter((problem) => problem !== null);
    return [...pushed, ...controls];
  }, width);

const eventually = expect.configure({ soft: true, timeout: 2_000 });

/** The company whose names are long and whose changes are held. */
let prepared: number | undefined;

async function prepare(page: Page): Promise<void> {
  await signIn(page);
  if (prepared === company().number) return;
  await lengthenNames(page.request);
  await ensureFleet(page);
  await holdChanges(page);
  await ensureDelivery(page);
  prepared = company().number;
}

test.describe("names of 240 letters push nothing out of view on any page, from a phone to a wide window", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  for (const [area, itsViews] of areas())
    test(area, async ({ page }, info) => {
      // Milliseconds, far beyond what it takes: a busy machine must not fail it.
      test.setTimeout(300_000);
      page.on("dialog", (dialog) => void dialog.accept());
      await prepare(page);
      for (const [name, view] of itsViews)
        await test.step(name, async () => {
          await page.setViewportSize({ width: WIDTHS[0]!, height: 900 });
          await open(page, view);
          await expect(page.getByRole("heading", { level: 1, includeHidden: true })).toBeVisible();
          for (const width of WIDTHS) {
            await page.setViewportSize({ width, height: 900 });
            const picture = `widths-${name}-${width}`;
            // A panel is positioned a frame after its anchor.
            await eventually.poll(() => beyondReach(page, width), { message: picture }).toEqual([]);
            expect.soft(await excessWidth(page), picture).toBeLessThanOrEqual(0);
            await keepPicture(page, info, picture);
          }
        });
    });
});
