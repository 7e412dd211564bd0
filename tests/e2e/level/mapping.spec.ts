import { expect, test, type Browser, type Page } from "@playwright/test";

import { addressOf } from "../company";
import { ensureAccount, signIn, signInAs } from "../prepared";
import { complaintsOf } from "../support";

const LABEL = "Mapping";

async function openMapping(page: Page): Promise<string> {
  await signIn(page);
  const path = await ensureAccount(page, LABEL);
  await page.goto(`${path}/mapping`);
  await expect(page.getByRole("treegrid")).toBeVisible();
  await page.getByRole("button", { name: "Collapse all" }).click();
  return path;
}

const rows = (page: Page) => page.locator('[role="row"][data-group]');
const focusedRow = (page: Page) => page.locator('[role="row"][data-group]:focus');

test("the tree is navigated, opened, selected and mapped with the keyboard only", async ({ page }) => {
  const complaints = complaintsOf(page);
  await openMapping(page);
  await rows(page).first().focus();
  const first = await focusedRow(page).getAttribute("data-group");

  await page.keyboard.press("ArrowRight");
  await expect(focusedRow(page)).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("ArrowRight");
  await expect(focusedRow(page)).toHaveAttribute("aria-level", "2");
  await page.keyboard.press("ArrowLeft");
  await expect(focusedRow(page)).toHaveAttribute("data-group", first!);
  await page.keyboard.press("ArrowLeft");
  await expect(focusedRow(page)).toHaveAttribute("aria-expanded", "false");

  await page.keyboard.press(" ");
  await expect(focusedRow(page)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(page.getByText("2 selected")).toBeVisible();

  await page.keyboard.press("End");
  await expect(focusedRow(page)).toBeInViewport();
  await page.keyboard.press("Enter");
  const search = page.getByPlaceholder("Find or name a client");
  await expect(search).toBeFocused();
  await page.keyboard.type("By keyboard");
  // The search has answered: the match has the highlight.
  const none = page.getByRole("option", { name: "No client of this name yet" });
  await expect(none).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: "New client “By keyboard”" })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await page.keyboard.press("Enter");
  await expect(page.getByText("1 unsaved change")).toBeVisible();
  // Focus continues from the row that was chosen for, not from a button in it.
  const last = await rows(page).last().getAttribute("data-group");
  await expect(focusedRow(page)).toHaveAttribute("data-group", last!);
  await page.keyboard.press("Home");
  await expect(focusedRow(page)).toHaveAttribute("data-group", first!);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(search).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(focusedRow(page)).toHaveAttribute("data-group", last!);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: /^Undo the change of / })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(focusedRow(page)).toHaveAttribute("data-group", last!);
  await page.keyboard.press("ArrowUp");
  await expect(focusedRow(page)).not.toHaveAttribute("data-group", last!);
  await expect(page.getByText(/unsaved change/)).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("part of a client's name and Enter choose that client, and make none", async ({ page }) => {
  const path = await openMapping(page);
  const made = await createClient(page, "Picker Borealis");
  await page.goto(`${path}/mapping`);
  await page
    .getByRole("button", { name: /^Client of / })
    .first()
    .click();
  const search = page.getByPlaceholder("Find or name a client");
  await search.fill("zz nobody");
  await page.keyboard.press("Enter");
  await expect(search).toBeVisible();
  await expect(page.getByRole("option", { name: "Exclude: no assets from here" })).toBeVisible();
  await search.fill("cker borea");
  await expect(page.locator("[cmdk-item]").first()).toHaveText("Picker Borealis");
  await expect(page.getByRole("option", { name: "Exclude: no assets from here" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(search).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Client of / }).first()).toContainText("Picker Borealis");
  await page.getByRole("button", { name: "Discard" }).click();
  await page.goto(`${made}?edit=1`);
  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByRole("status")).toContainText("archived");
});

test("a suggestion is accepted, and undone, with keys that continue from its row", async ({ page }) => {
  const path = await openMapping(page);
  const name = (await rows(page).last().getByRole("gridcell").nth(1).innerText()).trim();
  const accept = page.getByRole("button", { name: `Accept the suggestion: map ${name} to ${name}` });
  // Another test may have made a client of the group's name.
  const made = (await accept.count()) === 0 ? await createClient(page, name) : undefined;

  await page.goto(`${path}/mapping`);
  await accept.press("Enter");
  await expect(page.getByText("1 unsaved change")).toBeVisible();
  await expect(focusedRow(page)).toContainText(name);
  await page.getByRole("button", { name: `Undo the change of ${name}` }).press("Enter");
  await expect(page.getByText(/unsaved change/)).toHaveCount(0);
  await expect(focusedRow(page)).toContainText(name);
  await page.keyboard.press("ArrowUp");
  await expect(focusedRow(page)).not.toContainText(name);

  if (made === undefined) return;
  // Not for another test to find.
  await page.goto(`${made}?edit=1`);
  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByRole("status")).toContainText("archived");
});

/** Makes a client by the form. Returns the address of its page. */
async function createClient(page: Page, name: string): Promise<string> {
  await page.goto("/clients");
  await page.getByText("New client").click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create the client" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  return page.url();
}

test("a search finds groups with their parents, and an address can contain it", async ({ page }) => {
  const path = await openMapping(page);
  const all = await rows(page).count();
  await page.getByLabel("Search groups").fill("branch serv");
  const found = rows(page).filter({ hasText: "Servers" });
  await expect(found.first()).toBeVisible();
  await expect(found.first()).toHaveAttribute("aria-level", "3");
  await page.getByLabel("Search groups").fill("no such group");
  await expect(page.getByText("No group matches")).toBeVisible();
  await page.getByLabel("Search groups").fill("");
  await expect(rows(page)).toHaveCount(all);
  await page.goto(`${path}/mapping?q=servers`);
  await expect(page.getByLabel("Search groups")).toHaveValue("servers");
  await expect(rows(page).filter({ hasText: "Servers" }).first()).toBeVisible();
});

test("several groups are mapped at once, and the branch shows what it inherits", async ({ page }) => {
  await openMapping(page);
  await page.getByRole("checkbox").nth(0).check();
  await page.getByRole("checkbox").nth(1).check();
  await page.getByRole("button", { name: "Set client…" }).click();
  await page.getByPlaceholder("Find or name a client").fill("Two at once");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByText("2 unsaved changes")).toBeVisible();
  await page
    .getByRole("button", { name: /^Expand / })
    .first()
    .click();
  await expect(page.getByText("inherits Two at once").first()).toBeVisible();
  await page
    .getByRole("button", { name: /^Undo the change of / })
    .first()
    .click();
  await expect(page.getByText("1 unsaved change", { exact: true })).toBeVisible();
});

test("a link away from unsaved changes asks first", async ({ page }) => {
  await openMapping(page);
  await page.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Exclude", exact: true }).click();
  await page.getByRole("link", { name: "Webhook" }).click();
  await expect(page.getByRole("dialog")).toContainText("Leave without saving?");
  await page.getByRole("button", { name: "Stay here" }).click();
  await expect(page.getByText("1 unsaved change")).toBeVisible();
  await expect(page.getByRole("link", { name: "Webhook" })).toBeFocused();
  // Changing the theme navigates nowhere.
  await page.getByRole("button", { name: /^Theme: / }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await expect(page.getByText("1 unsaved change")).toBeVisible();
  await page.getByRole("link", { name: "Webhook" }).click();
  await page.getByRole("button", { name: "Leave" }).click();
  await expect(page).toHaveURL(/webhook$/);
});

/** Chooses a new client for a group, by its place among the rows that are shown. */
async function draft(tab: Page, name: string, place = 0): Promise<void> {
  await tab
    .getByRole("button", { name: /^Client of / })
    .nth(place)
    .click();
  await tab.getByPlaceholder("Find or name a client").fill(name);
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("Enter");
  await expect(tab.getByText("1 unsaved change")).toBeVisible();
}

async function save(tab: Page): Promise<void> {
  await tab.getByRole("button", { name: "Review and save" }).click();
  await tab.getByRole("dialog").getByRole("button", { name: "Save 1 change" }).click();
  await expect(tab.getByRole("status")).toContainText("1 group changed");
  await expect(tab.getByText(/unsaved change/)).toHaveCount(0);
}

async function openBeside(browser: Browser, path: string): Promise<Page> {
  const other = await (await browser.newContext()).newPage();
  await signIn(other);
  await other.goto(`${path}/mapping`);
  return other;
}

test("an outdated tab is told so, overwrites nothing, and can continue from the stored mapping", async ({
  page,
  browser,
}) => {
  const path = await openMapping(page);
  const other = await openBeside(browser, path);
  await draft(page, "Of the stale tab");
  await draft(other, "Of the other tab");
  await save(other);

  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was overwritten");
  await other.reload();
  await expect(other.getByRole("button", { name: /^Client of .*: Of the other tab$/ })).toHaveCount(1);

  // A person who has seen the stored mapping may still want their own.
  await page.getByRole("button", { name: "Load theirs" }).click();
  await page.getByRole("button", { name: "Keep mine on top of it" }).click();
  await save(page);
  await other.close();
});

test("what a tab has saved is not applied on top of another person's later change", async ({
  page,
  browser,
}) => {
  const path = await openMapping(page);
  await draft(page, "Saved at first");
  await save(page);
  const other = await openBeside(browser, path);
  await other.getByRole("button", { name: "Collapse all" }).click();
  await draft(other, "Made of it since");
  await save(other);

  await draft(page, "Of the next group", 1);
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByRole("button", { name: "Load theirs" }).click();
  await expect(page.getByRole("button", { name: /^Client of .*: Made of it since$/ })).toHaveCount(1);
  await expect(page.getByText("1 unsaved change", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Keep mine on top of it" }).click();
  await save(page);
  await page.reload();
  await expect(page.getByRole("button", { name: /^Client of .*: Made of it since$/ })).toHaveCount(1);
  await expect(page.getByRole("button", { name: /^Client of .*: Of the next group$/ })).toHaveCount(1);
  await other.close();
});

test("a choice reverted by hand is no change any more, whatever another person makes of the group", async ({
  page,
  browser,
}) => {
  const path = await openMapping(page);
  await draft(page, "Stored by hand");
  await save(page);
  await draft(page, "Thought better of");
  await page
    .getByRole("button", { name: /^Client of / })
    .first()
    .click();
  await page.getByRole("option", { name: "Stored by hand" }).click();
  await expect(page.getByText(/unsaved change/)).toHaveCount(0);

  const other = await openBeside(browser, path);
  await other.getByRole("button", { name: "Collapse all" }).click();
  await draft(other, "Made of it by somebody");
  await save(other);
  await draft(page, "Of one more group", 1);
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByRole("button", { name: "Load theirs" }).click();
  await expect(page.getByRole("button", { name: /^Client of .*: Made of it by somebody$/ })).toHaveCount(1);
  await expect(page.getByText("1 unsaved change", { exact: true })).toBeVisible();
  await other.close();
});

test("a viewer reads everything and changes nothing; a technician also runs syncs", async ({
  page,
  browser,
}) => {
  await signIn(page);
  const path = await ensureAccount(page, LABEL);
  const changes = ["Replace the key", "Save schedule", "Rename", "Disconnect"];
  const someone = async (role: "viewer" | "technician") => {
    const tab = await signInAs(browser, page, {
      name: `Level ${role}`,
      email: addressOf(`level-${role}`),
      role,
    });
    await tab.goto(path);
    await expect(tab.getByRole("heading", { level: 1, name: LABEL })).toBeVisible();
    for (const text of changes) await expect(tab.getByText(text, { exact: true })).toHaveCount(0);
    return tab;
  };
  const viewer = await someone("viewer");
  await expect(viewer.getByRole("button", { name: "Sync devices" })).toHaveCount(0);
  await viewer.goto(`${path}/mapping`);
  await expect(viewer.getByRole("treegrid")).toBeVisible();
  await expect(viewer.getByRole("checkbox")).toHaveCount(0);
  await expect(viewer.getByRole("button", { name: /^Client of / })).toHaveCount(0);
  await viewer.goto(`${path}/webhook`);
  await expect(viewer.getByRole("button", { name: /Reveal|Make a new secret/ })).toHaveCount(0);
  await viewer.goto("/settings/integrations/levelio");
  await expect(viewer.getByLabel("API key")).toHaveCount(0);

  const technician = await someone("technician");
  await expect(technician.getByRole("button", { name: "Sync devices" })).toBeVisible();
  await technician.getByRole("button", { name: "Check now" }).click();
  await expect(technician.getByText("Can be read.")).toHaveCount(4);
});
