import { expect, test, type Page, type TestInfo } from "@playwright/test";

import { company, levelUrl } from "../company";
import { syncRow } from "../level-support";
import { ensureFleet, signIn } from "../prepared";
import { complaintsOf, expectAccessible, expectNoSidewaysScroll, holdScripts, keepPicture } from "../support";

interface Device {
  id: string;
  hostname: string | null;
  nickname: string | null;
  group_id: string | null;
}

async function listDevices(page: Page): Promise<Device[]> {
  const answer = await page.request.get(`${levelUrl()}/v2/devices?limit=100`, {
    headers: { Authorization: company().apiKey },
  });
  return ((await answer.json()) as { data: Device[] }).data;
}

async function mutate(page: Page, op: string, ...args: unknown[]): Promise<void> {
  const answer = await page.request.post(`${levelUrl()}/_control/mutate`, { data: { op, args } });
  expect(answer.ok(), op).toBe(true);
}

async function openFleet(page: Page): Promise<void> {
  await page.goto("/settings/integrations/levelio");
  await page.getByRole("link", { name: "Fleet", exact: true }).click();
  await page.waitForURL(/levelio\/[0-9a-f-]{36}/);
}

/** Syncs the devices, and ends on the page of the run. */
async function syncDevices(page: Page): Promise<void> {
  await openFleet(page);
  const row = syncRow(page, "Devices and updates");
  const link = row.locator('a[href^="/runs/"]');
  const before = await link.getAttribute("href");
  await row.getByRole("button", { name: "Sync devices" }).click();
  await expect(link).not.toHaveAttribute("href", before!);
  await page.goto((await link.getAttribute("href"))!);
  await expectEnded(page);
}

const expectEnded = (page: Page) =>
  expect(page.locator("header").getByText(/^Completed/)).toBeVisible({ timeout: 120_000 });

const looks = [
  { scheme: "light", width: 1280 },
  { scheme: "dark", width: 390 },
] as const;

/** The page in each look. */
async function inspect(page: Page, info: TestInfo, name: string): Promise<void> {
  for (const { scheme, width } of looks) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: width > 1000 ? 900 : 844 });
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    await keepPicture(page, info, `${name}-${scheme}-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

test("held removals are approved and rejected, a dry run is applied, a device is linked by hand", async ({
  page,
}, info) => {
  test.setTimeout(300_000);
  const complaints = complaintsOf(page);
  await signIn(page);
  await ensureFleet(page);
  const devices = (await listDevices(page)).filter((device) => device.group_id !== null);
  const removed = devices.slice(0, 60);
  let approved: string;

  await test.step("60 removals are held", async () => {
    for (const { id } of removed) await mutate(page, "removeDevice", id);
    await syncDevices(page);
    await expect(page.getByText("60 changes held: 60 removals")).toBeVisible();
    await inspect(page, info, "run-held");
    await page.goto("/");
    await expect(page.getByText("60 changes of Level's are held")).toBeVisible();
    await page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link", { name: "Pending review 60" })
      .click();
    await expect(page.getByText("1–50 of 60 held changes")).toBeVisible();
    await inspect(page, info, "review-held");
  });

  await test.step("rows selected before the page's scripts load stay selected, and the page asks about them once", async () => {
    const bringScripts = await holdScripts(page);
    await page.goto("/review", { waitUntil: "commit" });
    const box = page.getByRole("checkbox", { name: /^Select the removal of/ }).first();
    await box.check();
    const approve = page.getByRole("button", { name: "Approve", exact: true });
    await expect(approve).toBeDisabled();
    bringScripts();
    await approve.click();
    const dialog = page.getByRole("dialog", { name: "Approve 1 change?" });
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
    await box.uncheck();
  });

  await test.step("a part is approved", async () => {
    approved = await page.locator("tbody a[href^='/assets/']").first().innerText();
    await page.getByLabel("Select this page").check();
    await page.getByRole("button", { name: "Approve", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("50 devices are marked as gone");
    await inspect(page, info, "review-approve");
    await dialog.getByRole("button", { name: "Approve 50 changes" }).click();
    await expect(page.getByRole("status")).toContainText("50 changes approved, 50 devices marked as gone.");
  });

  await test.step("one is rejected on its own, and the rest at once", async () => {
    await page
      .getByRole("button", { name: /^Reject the removal of/ })
      .first()
      .click();
    await expect(page.getByRole("status")).toContainText("1 change rejected.");
    await page.getByLabel("All 9 changes that match").check();
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await page.getByRole("button", { name: "Reject 9 changes" }).click();
    await expect(page.getByText("Nothing is held")).toBeVisible();
  });

  await test.step("a dry run shows what a sync would do, and the sync then does exactly that", async () => {
    await mutate(page, "renameDevice", devices[70]!.id, "RECEPTION-01");
    await mutate(page, "addDevice", { group_id: devices[70]!.group_id, hostname: "BRAND-NEW" });
    await openFleet(page);
    await inspect(page, info, "sync-panel");
    await page.getByRole("button", { name: "Preview (dry run)" }).click();
    await page.waitForURL(/\/runs\//);
    await expectEnded(page);
    await expect(page.getByText("Nothing was written.", { exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: "1 New asset" })).toBeVisible();
    await inspect(page, info, "dry-run");
    await page.getByRole("link", { name: /Changes$/ }).click();
    await expect(page.getByRole("row", { name: /RECEPTION-01/ })).toContainText("Name");
    const csv = await page.request.get((await page.getByRole("link", { name: "CSV" }).getAttribute("href"))!);
    expect(await csv.text()).toContain("RECEPTION-01");
    await page.getByRole("button", { name: "Apply this" }).click();
    await expect(page.getByText("Did exactly what the dry run showed.")).toBeVisible({ timeout: 120_000 });
    await inspect(page, info, "applied");
  });

  await test.step("a person decides between two devices that claim one asset", async () => {
    const old = removed.find(({ hostname, nickname }) => (nickname ?? hostname) === approved);
    for (const id of ["claims-1", "claims-2"]) {
      await mutate(page, "addDevice", { ...old, id });
    }
    await syncDevices(page);
    await page.goto("/review/identity");
    await expect(page.getByText("To be decided", { exact: true }).and(page.locator("span"))).toHaveCount(2);
    await inspect(page, info, "review-identity");
    await page
      .getByRole("button", { name: /^It is this one/ })
      .first()
      .click();
    await page.waitForURL(/\/assets\//);
    await expect(page.getByText(`Linked by hand by ${company().admin.email} on`)).toBeVisible();
    await expect(page.getByText("Earlier devices")).toBeVisible();
    await inspect(page, info, "asset-why");
    await page.goto("/review/identity");
    await page.getByRole("button", { name: /^A machine of its own/ }).click();
    await expect(page.getByText("Every device is known")).toBeVisible();
  });
  expect(complaints).toEqual([]);
});
