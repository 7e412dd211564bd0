import { expect, test, type Page } from "@playwright/test";

import { setLatency, syncRow } from "../level-support";
import { ensureAccount, ensureFleet, signIn } from "../prepared";
import { holdScripts } from "../support";

/** Translates as Chrome and extensions do: each text leaves the page, and its words go into new elements. */
const translate = (page: Page) =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (text.data.trim() === "" || text.parentElement?.closest("script, style, option, font")) continue;
      const outer = document.createElement("font");
      const inner = outer.appendChild(document.createElement("font"));
      text.replaceWith(outer);
      inner.append(text.data);
    }
  });

const opened = async (page: Page, path: string) => {
  await page.goto(path);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated");
  await translate(page);
};

test("a page that the browser translates keeps working", async ({ page }) => {
  await signIn(page);
  await ensureFleet(page);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));

  await test.step("a list is searched, changes its page and links on", async () => {
    await opened(page, "/assets");
    await page.getByLabel("Search").fill("no such machine");
    await expect(page.getByText("No asset matches")).toBeVisible();
    await translate(page);
    await page.getByRole("link", { name: "Show all assets" }).click();
    await expect(page.getByRole("link", { name: "Next page" })).toBeVisible();
    await translate(page);
    await page.getByRole("link", { name: "Next page" }).click();
    await expect(page).toHaveURL(/after=/);
    await translate(page);
    await page.getByRole("link", { name: "Clients" }).click();
    await expect(page.getByRole("heading", { name: "Clients", level: 1 })).toBeVisible();
  });

  await test.step("a form is refused beside its field, then saved", async () => {
    await opened(page, "/clients");
    await page.getByText("New client").click();
    await page.getByLabel("Name", { exact: true }).fill(" ");
    await page.getByRole("button", { name: "Create the client" }).click();
    await expect(page.getByLabel("Name", { exact: true })).toHaveAccessibleDescription(/./);
    await translate(page);
    await page.getByLabel("Name", { exact: true }).fill("Übersetzt GmbH");
    await page.getByRole("button", { name: "Create the client" }).click();
    await expect(page.getByRole("heading", { name: "Übersetzt GmbH" })).toBeVisible();
  });

  await test.step("a dialog opens and closes", async () => {
    await page.getByRole("link", { name: "Edit" }).click();
    await expect(page.getByRole("button", { name: "Archive" })).toBeVisible();
    await translate(page);
    await page.getByRole("button", { name: "Archive" }).click();
    const question = page.getByRole("dialog", { name: "Archive Übersetzt GmbH?" });
    await expect(question).toBeVisible();
    await translate(page);
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toBeHidden();
  });

  await test.step("a running sync is followed to its end", async () => {
    const path = await ensureAccount(page, "Fleet");
    await page.goto(path);
    await setLatency(page, 1_500);
    await syncRow(page, "Devices and updates").getByRole("button", { name: "Sync devices" }).click();
    await opened(page, `/runs?type=full&integration=${path.split("/").at(-1)}`);
    const row = page.locator("tbody tr").first();
    await expect(row.getByRole("progressbar").filter({ visible: true })).toBeVisible();
    await translate(page);
    await expect(row).toContainText(/[1-9]\d* pages?/);
    await translate(page);
    await setLatency(page, 0);
    await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 120_000 });
    await expect(row).toContainText("Completed");
  });
  expect(errors).toEqual([]);
});

test("a page that is translated before its scripts load works as well, and keeps its looks", async ({
  page,
}) => {
  await signIn(page);
  await ensureFleet(page);
  const bringScripts = await holdScripts(page);
  await page.goto("/assets", { waitUntil: "commit" });
  await expect(page.getByRole("link", { name: "Next page" })).toBeVisible();
  await translate(page);
  bringScripts();
  await expect(page.locator("html")).toHaveAttribute("data-hydrated");
  await page.getByLabel("Search").fill("no such machine");
  await expect(page.getByText("No asset matches")).toBeVisible();
  expect(await page.locator('link[rel="stylesheet"]').count()).toBeGreaterThan(0);
  await expect(page.getByRole("navigation", { name: "Main" }).filter({ visible: true })).toHaveCount(1);
});
