import { expect, test } from "@playwright/test";

import { ensureAccount } from "../level-support";
import { complaintsOf, keepPicture, signIn } from "../support";

test("a rule by path is added, previewed and saved, and its groups say so; it is deleted again", async ({
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
  await dialog.getByRole("button", { name: "Add rule" }).click();
  await expect(page.getByText("Not saved yet")).toBeVisible();
  await page.getByRole("button", { name: "Review and save rules" }).click();
  await expect(dialog.getByRole("list", { name: "Groups that follow each rule" })).toContainText(
    "by {client}/**",
  );
  await dialog.getByRole("button", { name: "Save rules" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("treegrid").getByText("by rule: {client}/**").first()).toBeVisible();
  await keepPicture(page, info, "mapping-rules");
  await page.getByRole("button", { name: "Delete {client}/**" }).click();
  await page.getByRole("button", { name: "Review and save rules" }).click();
  await dialog.getByRole("button", { name: "Save rules" }).click();
  await expect(dialog).toHaveCount(0);
  await page.goto(`${path}/mapping`);
  await expect(page.getByText("by rule:")).toHaveCount(0);
  expect(complaints).toEqual([]);
});
