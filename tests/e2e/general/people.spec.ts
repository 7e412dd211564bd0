import { expect, test, type Browser, type Page } from "@playwright/test";

import { addressOf } from "../company";
import { administrator, PASSWORD_OF_INVITED, signIn, signInAs, type Invited } from "../prepared";
import { complaintsOf, holdScripts, invite, signInByForm } from "../support";

test("a person signs in and out, and Back shows nothing", async ({ page }) => {
  const complaints = complaintsOf(page);
  await page.goto("/clients?q=x");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail address").fill(administrator().email);
  await page.getByLabel("Password").fill(administrator().password);
  await page.getByLabel("Password").press("Enter");
  await expect(page).toHaveURL(/\/clients\?q=x$/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a failed sign-in says that e-mail or password is wrong, keeps the address, and clears the password", async ({
  page,
}) => {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail address").fill("nobody@example.com");
  await page.getByLabel("Password").fill("wrong password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText(/is not right/);
  await expect(page.getByLabel("E-mail address")).toHaveValue("nobody@example.com");
});

/** Invites a person, who opens the link and sets a password. Returns the page that this leads to. */
async function join(browser: Browser, admin: Page, person: Invited): Promise<Page> {
  const link = await invite(admin, person);
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  await page.getByLabel("Password").fill(PASSWORD_OF_INVITED);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.waitForURL("/");
  return page;
}

test("an invited viewer reads, an invited technician also syncs, and neither manages", async ({
  page,
  browser,
}) => {
  await signIn(page);
  const viewer = await join(browser, page, {
    name: "Vera Viewer",
    email: addressOf("vera"),
    role: "viewer",
  });
  const technician = await join(browser, page, {
    name: "Theo Tech",
    email: addressOf("theo"),
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
    // The frame stays, so that nobody is stranded.
    await expect(nav).toBeVisible();
  }

  await page.goto("/settings/people");
  const row = page.getByRole("row", { name: /Vera Viewer/ });
  await row.getByLabel("Role of Vera Viewer").selectOption("admin");
  await row.getByRole("button", { name: "Change Vera Viewer's role" }).click();
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

test("a role changes only by its button, and shows the stored role again if the change is refused", async ({
  page,
}) => {
  await signIn(page);
  await page.goto("/settings/people");
  const mine = page.getByRole("row", { name: /You/ });
  const role = mine.getByLabel(/^Role of/);
  await role.focus();
  await page.keyboard.press("ArrowDown");
  await expect(role).toHaveValue("technician");
  await page.reload();
  await expect(role).toHaveValue("admin");
  await role.selectOption("viewer");
  const change = mine.getByRole("button", { name: /^Change .*'s role$/ });
  await change.press("Enter");
  await expect(page.getByRole("alert")).toContainText("This is the only administrator");
  await expect(role).toHaveValue("admin");
  // Keyboard users continue where they were.
  await expect(change).toBeFocused();
});

test("an administrator ends a person's sessions, and the person may sign in again", async ({
  page,
  browser,
}) => {
  await signIn(page);
  const person = { email: addressOf("sam"), password: PASSWORD_OF_INVITED };
  const guest = await signInAs(browser, page, { name: "Sam Sessions", email: person.email, role: "viewer" });
  await page.goto("/settings/people");
  await page
    .getByRole("row", { name: /Sam Sessions/ })
    .getByRole("button", { name: "End sessions" })
    .click();
  await page.getByRole("dialog").getByRole("button", { name: "End sessions" }).click();
  await expect(page.getByRole("status")).toContainText("1 session ended.");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await guest.goto("/assets");
  await expect(guest).toHaveURL(/\/sign-in/);
  await signInByForm(guest, person);
  await guest.context().close();
});

test("a refused form leads to the wrong field, and takes no focus away", async ({ page }) => {
  await signIn(page);
  await page.goto("/settings/account");
  await page.getByLabel("Current password").fill("not it at all");
  await page.getByLabel("New password").fill("quite another password");
  await page.getByLabel("New password").press("Enter");
  await expect(page.getByLabel("Current password")).toBeFocused();
  await expect(page.getByLabel("Current password")).toHaveAccessibleDescription(/not your current password/);

  await page.getByLabel("Current password").fill("a b c d e f");
  await page.getByLabel("New password").fill("aaaaaaaaaaaa");
  await page.getByRole("button", { name: "Change the password" }).press("Enter");
  await expect(page.getByLabel("New password")).toBeFocused();
  await expect(page.getByLabel("New password")).toHaveAccessibleDescription(/Use more different characters/);
});

test("a link is copied even if the browser gives pages no clipboard, or the page says that it was not", async ({
  page,
}) => {
  await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await signIn(page);
  await page.goto("/settings/people");
  const invitation = page.locator("form", { has: page.getByRole("button", { name: "Make the invitation" }) });
  await invitation.getByLabel("Name").fill("Carl Copy");
  await invitation.getByLabel("E-mail address").fill(addressOf("carl"));
  await page.getByRole("button", { name: "Make the invitation" }).click();
  const copy = page.getByRole("button", { name: `Copy the link for ${addressOf("carl")}` });
  await copy.press("Enter");
  await expect(copy).toHaveText("Copied");
  await expect(copy).toBeFocused();
  await invitation.getByLabel("Name").focus();
  await page.keyboard.press("Control+V");
  await expect(invitation.getByLabel("Name")).toHaveValue(/\/invite\/[\w-]{40,}$/);

  await page.evaluate(() => Object.defineProperty(document, "execCommand", { value: () => false }));
  await copy.click();
  await expect(copy).toHaveText("Copy by hand");
});

test("a dialog opens, closes and is answered with the keyboard", async ({ page, browser }) => {
  await signIn(page);
  const guest = await signInAs(browser, page, { name: "Kim Keys", email: addressOf("kim"), role: "viewer" });
  await guest.context().close();
  await page.goto("/settings/people");
  const remove = page.getByRole("row", { name: /Kim Keys/ }).getByRole("button", { name: "Remove" });
  const dialog = page.getByRole("dialog");
  // Without scripts it is disabled, and a disabled button takes no focus.
  await expect(remove).toBeEnabled();
  await remove.focus();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(remove).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Remove" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row", { name: /Kim Keys/ })).toHaveCount(0);
});

test("a button that asks waits for the page's scripts, and asks once", async ({ page, browser }) => {
  await signIn(page);
  const guest = await signInAs(browser, page, { name: "Flo Fast", email: addressOf("flo"), role: "viewer" });
  await guest.context().close();
  const bringScripts = await holdScripts(page);
  await page.goto("/settings/people", { waitUntil: "commit" });
  const remove = page.getByRole("row", { name: /Flo Fast/ }).getByRole("button", { name: "Remove" });
  const dialog = page.getByRole("dialog", { name: "Remove Flo Fast?" });
  await expect(remove).toBeDisabled();
  bringScripts();
  await remove.click();
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(remove).toBeFocused();
  await page.keyboard.press("Enter");
  await dialog.getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("row", { name: /Flo Fast/ })).toHaveCount(0);
});

test("a new password works at once and ends the other sessions", async ({ page, browser }) => {
  await signIn(page);
  const guest = await signInAs(browser, page, { name: "Pam Pass", email: addressOf("pam"), role: "viewer" });
  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, { email: addressOf("pam"), password: PASSWORD_OF_INVITED });
  await guest.goto("/settings/account");
  await guest.getByLabel("Current password").fill("not it at all");
  await guest.getByLabel("New password").fill("quite another password");
  await guest.getByRole("button", { name: "Change the password" }).click();
  await expect(guest.getByText("This is not your current password.")).toBeVisible();
  await guest.getByLabel("Current password").fill(PASSWORD_OF_INVITED);
  await guest.getByLabel("New password").fill("quite another password");
  await guest.getByRole("button", { name: "Change the password" }).click();
  await expect(guest.getByRole("status")).toContainText("Password changed");
  await expect(guest.getByLabel("Current password")).toHaveValue("");
  await expect(guest.getByLabel("New password")).toHaveValue("");
  await elsewhere.goto("/");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await guest.context().close();
  await elsewhere.context().close();
});
