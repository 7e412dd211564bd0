import { expect, test, type Locator } from "@playwright/test";

import { company } from "../company";
import { connectAccount, setLatency, syncByButton, syncRow } from "../level-support";
import { signIn } from "../prepared";
import { complaintsOf } from "../support";

const LABEL = "Walkthrough";

/** The number in "12 assets move to another client". */
async function numberIn(locator: Locator): Promise<number> {
  const text = await locator.innerText();
  return Number(/[\d,]+/.exec(text)![0].replaceAll(",", ""));
}

test("an administrator connects Level, maps it, syncs, changes the mapping, and disconnects", async ({
  page,
}) => {
  test.setTimeout(300_000);
  const complaints = complaintsOf(page);
  await signIn(page);

  await test.step("a wrong key is refused beside the field, and nothing is stored", async () => {
    await page.goto("/settings/integrations");
    await expect(page.getByRole("heading", { name: "Level" })).toBeVisible();
    await page.goto("/settings/integrations/levelio");
    await page.getByLabel("Name of the connection").fill(LABEL);
    await page.getByLabel("API key").fill("not-a-key-of-anybody");
    await page.getByLabel("API key").press("Enter");
    await expect(page.getByLabel("API key")).toHaveAccessibleDescription(/invalid API key/);
    await expect(page.getByLabel("API key")).toBeFocused();
    await expect(page.getByLabel("Name of the connection")).toHaveValue(LABEL);
    expect(await page.content()).not.toContain("not-a-key-of-anybody");
    await page.goto("/settings/integrations/levelio");
    await expect(page.getByRole("link", { name: LABEL })).toHaveCount(0);
  });

  const path = await connectAccount(page, LABEL);

  await test.step("the guide leads to the groups, and ticks the step automatically", async () => {
    await expect(page.getByText("1 of 5 steps done")).toBeVisible();
    expect(await page.content()).not.toContain(company().apiKey);
    await setLatency(page, 400);
    // Pressed twice, as impatient people do.
    await page.getByRole("button", { name: "Find groups" }).dblclick();
    await expect(page.getByText("2 of 5 steps done")).toBeVisible({ timeout: 30_000 });
    await setLatency(page, 0);
    const runs = await page.request.get(`${path}/progress`);
    const data = (await runs.json()) as { runs: { connectionId: string; type: string }[] };
    await page.goto(`/runs?type=organizations&integration=${data.runs[0]!.connectionId}`);
    await expect(page.locator("tbody tr")).toHaveCount(1);
  });

  await test.step("groups become clients, after a preview", async () => {
    await page.goto(path);
    await page.getByRole("link", { name: "Map groups" }).click();
    await page.getByRole("button", { name: "A client for each top-level group" }).click();
    await expect(page.getByText(/^\d+ unsaved changes?$/)).toBeVisible();
    await page.getByRole("button", { name: "Review and save" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("No devices were read from Level yet.")).toBeVisible();
    await dialog.getByRole("button", { name: /^Save \d+ changes?$/ }).click();
    await expect(page.getByRole("status")).toContainText("The next full sync carries it out");
    await expect(page.getByText(/unsaved change/)).toHaveCount(0);
  });

  await test.step("a sync shows its progress, also after a reload, and makes assets", async () => {
    await page.goto(path);
    await setLatency(page, 600);
    await syncRow(page, "Devices and updates").getByRole("button", { name: "Sync devices" }).click();
    await expect(page.getByRole("progressbar").first()).toBeVisible();
    await expect(syncRow(page, "Devices and updates")).toContainText(/\d+ pages? · /, { timeout: 20_000 });
    await page.reload();
    await expect(page.getByRole("progressbar").first()).toBeVisible();
    await setLatency(page, 0);
    const row = syncRow(page, "Devices and updates");
    await expect(row.getByText("Completed", { exact: true })).toBeVisible({ timeout: 120_000 });
    const created = await numberIn(row.getByText(/\d+ created/));
    expect(created).toBeGreaterThan(50);
    await expect(page.getByText("4 of 5 steps done")).toBeVisible();
    await page.goto("/assets");
    await expect(page.getByText(/1–50 of \d+ assets/)).toBeVisible();
  });

  let predicted = 0;
  await test.step("another client for one group: the preview says how many assets move", async () => {
    await page.goto(`${path}/mapping`);
    const group = page.getByRole("button", { name: /^Client of / }).first();
    await group.click();
    await page.getByPlaceholder("Find or name a client").fill("Moved by the walkthrough");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Review and save" }).click();
    const dialog = page.getByRole("dialog");
    const heading = dialog.getByRole("heading", { name: /assets? moves? to another client/ });
    predicted = await numberIn(heading);
    expect(predicted).toBeGreaterThan(0);
    await dialog.getByText("Which assets change client").click();
    await expect(dialog.locator("details li")).toHaveCount(predicted);
    await dialog.getByRole("button", { name: "Save 1 change" }).click();
    await expect(page.getByRole("status")).toContainText("1 group changed");
  });

  await test.step("the next sync does what the preview said, and the audit log has it", async () => {
    await page.goto(path);
    await syncByButton(page, "Devices and updates", "Sync devices");
    await expect(syncRow(page, "Devices and updates")).toContainText(`${predicted} updated`);
    await page.goto("/clients?q=Moved by the walkthrough");
    await page.getByRole("link", { name: "Moved by the walkthrough" }).click();
    await expect(page.getByText(new RegExp(`\\b${predicted} assets?\\b`)).first()).toBeVisible();
    await page.goto("/settings/audit?q=Moved by the walkthrough");
    await expect(page.locator("tbody tr, li").first()).toBeVisible();
  });

  await test.step("a webhook secret is shown once", async () => {
    await page.goto(`${path}/webhook`);
    await page.getByRole("button", { name: "Reveal once" }).click();
    const secret = await page.getByLabel("secret", { exact: true }).innerText();
    expect(secret).toMatch(/^[\w-]{32}$/);
    await page.reload();
    await expect(page.getByText("cannot be shown again")).toBeVisible();
    expect(await page.content()).not.toContain(secret);
  });

  await test.step("a key that replaces another does not stay in its field", async () => {
    await page.goto(path);
    await page.getByText("Replace the key").click();
    await page.getByLabel("New API key").fill(company().apiKey);
    await page.getByRole("button", { name: "Test and save" }).click();
    await expect(page.getByRole("status")).toContainText("The key works and is saved");
    await page.getByText("Replace the key").click();
    await expect(page.getByLabel("New API key")).toHaveValue("");
  });

  await test.step("disconnecting asks what happens to the assets, and removes the key", async () => {
    await page.goto(path);
    await expect(page.locator("html")).toHaveAttribute("data-hydrated");
    await page.getByRole("link", { name: "Disconnect" }).click();
    const dialog = page.getByRole("dialog", { name: /^Disconnect .*\?$/ });
    await expect(dialog).toBeInViewport();
    await dialog.getByText("Mark them as no longer managed").click();
    await dialog.getByRole("button", { name: "Disconnect", exact: true }).click();
    await expect(page.getByText("Disconnected", { exact: true })).toBeVisible();
    await expect(page.getByRole("status")).toContainText(/\d+ devices marked as no longer managed/);
    await expect(page.getByRole("button", { name: "Sync devices" })).toHaveCount(0);
  });

  await test.step("a new key continues everything where it was", async () => {
    await page.getByLabel("API key").fill(company().apiKey);
    await page.getByRole("button", { name: "Test and connect again" }).click();
    await expect(page.getByText("4 of 5 steps done")).toBeVisible();
    await syncByButton(page, "Devices and updates", "Sync devices");
    await page.goto("/clients?q=Moved by the walkthrough");
    await page.getByRole("link", { name: "Moved by the walkthrough" }).click();
    await expect(page.getByText(new RegExp(`\\b${predicted} assets?\\b`)).first()).toBeVisible();
  });

  // The browser itself reports the refused key.
  expect(complaints.filter((text) => !/status of 422/.test(text))).toEqual([]);
});
