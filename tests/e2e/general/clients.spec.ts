import { expect, test, type Page } from "@playwright/test";

import { signIn } from "../prepared";

async function create(page: Page, name: string, notes: string): Promise<void> {
  await page.goto("/clients");
  await page.getByText("New client").click();
  const form = page.locator("form", { has: page.getByRole("button", { name: "Create the client" }) });
  await form.getByLabel("Name", { exact: true }).fill(name);
  await form.getByRole("button", { name: "Create the client" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Notes").fill(notes);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status")).toContainText("Saved");
}

test("a client that was merged into another redirects to that one's page, with its own values", async ({
  page,
}) => {
  await signIn(page);
  await create(page, "Kept Ltd", "of Kept");
  await create(page, "Merged Ltd", "of Merged");
  await page.goto("/clients?q=merged");
  await page.getByRole("link", { name: "Merged Ltd" }).click();
  const question = page.getByRole("dialog");
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Merge…" }).click();
  await question.getByLabel("Client", { exact: true }).selectOption("Kept Ltd");
  await question.getByRole("button", { name: "Merge", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Kept Ltd" })).toBeVisible();
  await page.getByRole("link", { name: "Edit" }).click();
  const own = page.locator("form", { has: page.getByRole("button", { name: "Save", exact: true }) });
  await expect(own.getByLabel("Name")).toHaveValue("Kept Ltd");
  await expect(own.getByLabel("Notes")).toHaveValue("of Kept");
  await page.getByRole("button", { name: "Merge…" }).click();
  await expect(question.getByLabel("Client", { exact: true })).toHaveValue("");
});
