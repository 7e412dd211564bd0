import { expect, test } from "@playwright/test";

import { ADMIN, complaintsOf, signIn, signInAs } from "./support";

test("signs in and out; the way back shows nothing", async ({ page }) => {
  const complaints = complaintsOf(page);
  await page.goto("/clients?q=x");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail address").fill(ADMIN.email);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByLabel("Password").press("Enter");
  await expect(page).toHaveURL(/\/clients\?q=x$/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("says that e-mail or password is wrong, keeps the address, and forgets the password", async ({
  page,
}) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill("nobody@example.com");
  await page.getByLabel("Password").fill("wrong password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText(/is not right/);
  await expect(page.getByLabel("E-mail address")).toHaveValue("nobody@example.com");
});

test("an invited viewer reads; an invited technician also syncs; neither manages", async ({
  page,
  browser,
}) => {
  await signIn(page);
  const viewer = await signInAs(browser, page, {
    name: "Vera Viewer",
    email: "vera@example.com",
    role: "viewer",
  });
  const technician = await signInAs(browser, page, {
    name: "Theo Tech",
    email: "theo@example.com",
    role: "technician",
  });
  for (const somebody of [viewer, technician]) {
    const nav = somebody.getByRole("navigation", { name: "Main" }).filter({ visible: true });
    await expect(nav.getByRole("link", { name: "Assets" })).toBeVisible();
    await expect(nav.getByRole("link", { name: "People" })).toHaveCount(0);
    await expect(nav.getByRole("link", { name: "Audit log" })).toHaveCount(0);
    await somebody.goto("/clients");
    await expect(somebody.getByText("New client")).toHaveCount(0);
    await somebody.goto("/settings/people");
    await expect(somebody.getByRole("heading", { name: "You may not do this" })).toBeVisible();
    // The frame stays: nobody is stranded.
    await expect(nav).toBeVisible();
  }

  await page.goto("/settings/people");
  const row = page.getByRole("row", { name: /Vera Viewer/ });
  await row.getByLabel("Role of Vera Viewer").selectOption("admin");
  await expect(page.getByRole("status")).toContainText("The role is now Administrator");
  await viewer.goto("/settings/people");
  await expect(viewer.getByRole("heading", { name: "People" })).toBeVisible();

  for (const name of ["Vera Viewer", "Theo Tech"]) {
    await page
      .getByRole("row", { name: new RegExp(name) })
      .getByRole("button", { name: "Remove" })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(page.getByRole("row", { name: new RegExp(name) })).toHaveCount(0);
  }
  await viewer.goto("/");
  await expect(viewer).toHaveURL(/\/sign-in/);
  await viewer.context().close();
  await technician.context().close();
});

test("a dialog is reached, left and answered with the keyboard", async ({ page, browser }) => {
  await signIn(page);
  const guest = await signInAs(browser, page, { name: "Kim Keys", email: "kim@example.com", role: "viewer" });
  await guest.context().close();
  await page.goto("/settings/people");
  const remove = page.getByRole("row", { name: /Kim Keys/ }).getByRole("button", { name: "Remove" });
  const dialog = page.getByRole("dialog");
  await expect(async () => {
    await remove.focus();
    await page.keyboard.press("Enter");
    await expect(dialog).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(remove).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Remove" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row", { name: /Kim Keys/ })).toHaveCount(0);
});

test("another password works at once and ends the other sessions", async ({ page, browser }) => {
  await signIn(page);
  const guest = await signInAs(browser, page, { name: "Pam Pass", email: "pam@example.com", role: "viewer" });
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, { email: "pam@example.com", password: "a password of my own" });
  await guest.goto("/settings/account");
  await guest.getByLabel("Present password").fill("not it at all");
  await guest.getByLabel("New password").fill("quite another password");
  await guest.getByRole("button", { name: "Change the password" }).click();
  await expect(guest.getByText("This is not your present password.")).toBeVisible();
  await guest.getByLabel("Present password").fill("a password of my own");
  await guest.getByLabel("New password").fill("quite another password");
  await guest.getByRole("button", { name: "Change the password" }).click();
  await expect(guest.getByRole("status")).toContainText("Password changed");
  await elsewhere.goto("/");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await guest.context().close();
  await elsewhere.context().close();
});
