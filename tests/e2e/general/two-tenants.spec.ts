import { expect, test, type Page } from "@playwright/test";

import { anotherCompany, PASSWORD } from "../company";
import { connectAccount } from "../level-support";
import { ensureFleet, signIn } from "../prepared";

const ACCOUNTS = "/settings/integrations/levelio";

/** The target of a list's first link. */
async function firstOf(page: Page, list: string, link: string): Promise<string> {
  await page.goto(list);
  return (await page.locator(link).first().getAttribute("href"))!;
}

test("two companies in one installation see nothing of each other", async ({ page, browser }) => {
  test.setTimeout(300_000);
  await signIn(page);
  await ensureFleet(page);
  const asset = await firstOf(page, "/assets", "tbody a[href^='/assets/']");
  const client = await firstOf(page, "/clients", "tbody a[href^='/clients/']");
  const run = await firstOf(page, "/runs?type=full", "tbody a[href^='/runs/']");
  const account = await firstOf(page, ACCOUNTS, `main a[href^='${ACCOUNTS}/']`);
  const name = await page.getByRole("link", { name: "Fleet", exact: true }).innerText();

  const other = await (await browser.newContext()).newPage();
  const otherCompany = anotherCompany();
  await signIn(other, { email: otherCompany.admin.email, password: PASSWORD });
  await other.goto("/");
  await expect(other.getByText(otherCompany.name).first()).toBeVisible();

  await test.step("addresses of one company lead the other nowhere, like unknown ones", async () => {
    const pages = ["", "/mapping", "/devices", "/webhook"].map((part) => account + part);
    for (const address of [asset, client, run, ...pages]) {
      await other.goto(address);
      await expect(other.getByRole("heading", { name: "There is nothing here" }), address).toBeVisible();
      await expect(other.getByRole("navigation", { name: "Main" }), address).toBeVisible();
    }
    const data = [`${run}/errors.csv`, `${account}/progress`];
    for (const address of data) expect((await other.request.get(address)).status(), address).toBe(404);
  });

  await test.step("lists and downloads are empty", async () => {
    for (const list of [
      "/assets?state=all",
      "/clients",
      "/runs",
      "/alerts?state=all",
      "/alerts/list?state=all",
      "/review",
      "/events",
    ]) {
      await other.goto(list);
      await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(other.locator("tbody tr"), list).toHaveCount(0);
    }
    await other.goto("/settings/people");
    await expect(other.locator("tbody tr")).toHaveCount(1);
    expect((await (await other.request.get("/clients.csv")).text()).trim().split("\n")).toHaveLength(1);
  });

  await test.step("the same account connected by both is two connections", async () => {
    const theirs = await connectAccount(other, name);
    expect(theirs).not.toBe(account);
    await page.goto(theirs);
    await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  });
  await other.context().close();
});
