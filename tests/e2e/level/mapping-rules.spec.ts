import { expect, test } from "@playwright/test";

import { ensureAccount, signIn } from "../prepared";
import { complaintsOf, fillSignIn, keepPicture } from "../support";

test("a rule by path is added, previewed and saved, its groups show it, and it is deleted again", async ({
  page,
}, info) => {
  const complaints = complaintsOf(page);
  await signIn(page);
  const path = await ensureAccount(page, "By path");
  await page.goto(`${path}/mapping`);
  await page.getByRole("button", { name: "Add rule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Pattern of the path").fill("{client}/**");
  await dialog.getByLabel("Client").fill("{other}");
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await expect(dialog.getByText("no {other} that stands for")).toBeVisible();
  await dialog.getByLabel("Client").fill("{client} by rule");
  await dialog.getByLabel("Site").fill("Main office");
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await expect(page.getByText("Not saved yet")).toBeVisible();
  await page.getByRole("button", { name: "Review and save rules" }).click();
  await expect(dialog.getByRole("list", { name: "Groups that follow each rule" })).toContainText(
    "by {client}/**",
  );
  await dialog.getByRole("button", { name: "Save rules" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("treegrid").getByText("by rule: {client}/**").first()).toBeVisible();
  await expect(page.getByRole("treegrid").getByText("Main office").first()).toBeVisible();
  await keepPicture(page, info, "mapping-rules");
  await page.setViewportSize({ width: 390, height: 844 });
  const byRule = page.getByRole("treegrid").getByText("by rule: {client}/**").first();
  expect(await byRule.evaluate((text) => text.scrollWidth - text.clientWidth)).toBe(0);
  await keepPicture(page, info, "mapping-rules-narrow");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole("button", { name: "Delete {client}/**" }).click();
  await page.getByRole("button", { name: "Review and save rules" }).click();
  await dialog.getByRole("button", { name: "Save rules" }).click();
  await expect(dialog).toHaveCount(0);
  await page.goto(`${path}/mapping`);
  await expect(page.getByText("by rule:")).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("changed rules survive the end of the session, and are saved after a new sign-in", async ({ page }) => {
  await signIn(page);
  const path = await ensureAccount(page, "By path, signed out");
  await page.goto(`${path}/mapping`);
  await page.getByRole("button", { name: "Add rule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Pattern of the path").fill("Nowhere/**");
  await dialog.getByLabel("Client").fill("Nobody");
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await page.context().clearCookies({ name: "session" });
  await page.getByRole("button", { name: "Review and save rules" }).click();
  await expect(page.getByRole("alert")).toContainText("You are signed out by now.");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await fillSignIn(page);
  await expect(page.getByText("Not saved yet")).toBeVisible();
  await page.getByRole("button", { name: "Review and save rules" }).click();
  await dialog.getByRole("button", { name: "Save rules" }).click();
  await expect(page.getByText("Not saved yet")).toHaveCount(0);
});
