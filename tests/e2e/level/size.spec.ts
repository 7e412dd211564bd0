import { expect, test, type APIRequestContext, type Page } from "@playwright/test";

import { levelUrl } from "../company";
import { ensureAccount, signIn } from "../prepared";
import { complaintsOf } from "../support";

const ROOTS = 200;
const BELOW_EACH = 9;
/** Far more rows than fit into a window, far fewer than there are. */
const MOST_ROWS = 80;

const rootId = (root: number) => `large-${root}`;
const nameOf = (root: number) => `Large customer ${String(root).padStart(3, "0")}`;

async function mutate(request: APIRequestContext, op: string, arg: unknown): Promise<void> {
  const answer = await request.post(`${levelUrl()}/_control/mutate`, { data: { op, args: [arg] } });
  expect(answer.ok()).toBe(true);
}
const forEachRoot = async (work: (root: number) => Promise<void>) => {
  for (let root = 0; root < ROOTS; root++) await work(root);
};

test.beforeAll(async ({ request }) => {
  test.setTimeout(300_000);
  await forEachRoot(async (root) => {
    const id = rootId(root);
    await mutate(request, "addGroup", { id, name: nameOf(root) });
    const below = Array.from({ length: BELOW_EACH }, (_, n) =>
      mutate(request, "addGroup", { id: `${id}-${n}`, name: `Site ${n} of ${root}`, parent_id: id }),
    );
    await Promise.all(below);
  });
});

const rows = (page: Page) => page.locator('[role="row"][data-group]');
const focusedRow = (page: Page) => page.locator('[role="row"][data-group]:focus');
const rowCount = async (page: Page) =>
  Number(await page.getByRole("treegrid").getAttribute("aria-rowcount")) - 1;

async function expectFewRows(page: Page): Promise<void> {
  const drawn = await rows(page).count();
  expect(drawn).toBeGreaterThan(0);
  expect(drawn).toBeLessThan(MOST_ROWS);
}

test("2,000 groups are navigated, searched, selected, previewed and saved with a window's worth of rows in the page", async ({
  page,
}) => {
  test.setTimeout(300_000);
  const complaints = complaintsOf(page);
  await signIn(page);
  const path = await ensureAccount(page, "Large");
  await page.goto(`${path}/mapping`);
  await page.getByRole("button", { name: "Expand all" }).click();
  const groups = ROOTS * (1 + BELOW_EACH);
  await expect.poll(() => rowCount(page)).toBeGreaterThanOrEqual(groups);
  const all = await rowCount(page);
  await expectFewRows(page);

  await rows(page).first().focus();
  await page.keyboard.press("End");
  await expect(focusedRow(page)).toBeInViewport();
  await expect(focusedRow(page)).toHaveAttribute("aria-rowindex", String(all + 1));
  await expectFewRows(page);
  await focusedRow(page).hover();
  await page.mouse.wheel(0, -20_000);
  await expect(focusedRow(page)).toHaveCount(0);
  await expectFewRows(page);

  await page.getByLabel("Search groups").fill(`${nameOf(150)} site 7`);
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Select all 1 shown" }).click();
  await expect(page.getByText("1 selected", { exact: true })).toBeVisible();
  await page.getByLabel("Search groups").fill("");
  await expect.poll(() => rowCount(page)).toBe(all);

  const number = all.toLocaleString("en");
  await page.getByRole("button", { name: `Select all ${number} shown` }).click();
  await expect(page.getByText(`${number} selected`)).toBeVisible();
  await expectFewRows(page);
  await page.getByRole("button", { name: "Set client…" }).click();
  await page.getByPlaceholder("Find or name a client").fill("Everything large");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByText(`${number} unsaved changes`)).toBeVisible();
  await expectFewRows(page);

  await page.getByRole("button", { name: "Review and save" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("1 new client")).toBeVisible();
  await dialog.getByRole("button", { name: `Save ${number} changes` }).click();
  await expect(page.getByRole("status")).toContainText(`${number} groups changed`);
  await expect(page.getByText(/unsaved change/)).toHaveCount(0);
  await expectFewRows(page);
  expect(complaints).toEqual([]);
});
