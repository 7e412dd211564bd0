import { expect, test } from "@playwright/test";

import { setLatency, syncRow } from "../level-support";
import { ensureAccount, signIn } from "../prepared";
import { complaintsOf, expectAccessible, expectNoSidewaysScroll, keepPicture, looks, wear } from "../support";

test("lists of runs show automatically that a sync begins, its progress, and its end", async ({
  page,
  context,
}, info) => {
  test.setTimeout(300_000);
  const complaints = complaintsOf(page);
  await signIn(page);
  const path = await ensureAccount(page, "Watched");
  const starter = await context.newPage();
  await starter.goto(path);

  // Runs of this connection only: a schedule may start a run of another at any minute.
  const listening = page.waitForResponse((answer) => /\/changes$/.test(answer.url()));
  await page.goto(`/runs?type=full&integration=${path.split("/").at(-1)}`);
  const row = page.locator("tbody tr").first();
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  await setLatency(page, 1_500);
  // An idle page gets the change without being told to look.
  await listening;
  const button = syncRow(starter, "Devices and updates").getByRole("button", { name: "Sync devices" });
  await button.click();
  await page.bringToFront();
  const bar = row.getByRole("progressbar").filter({ visible: true });
  await expect(bar).toBeVisible();
  await expect(row).toContainText(/[1-9]\d* pages?/, { timeout: 15_000 });
  // Long enough to look at it.
  await setLatency(page, 20_000);
  for (const look of looks) {
    await wear(page, look);
    await expect(bar).toBeVisible();
    await expectNoSidewaysScroll(page);
    if (look.axe) await expectAccessible(page);
    await keepPicture(page, info, `runs-under-way-${look.scheme}-${look.width}`);
  }
  await page.goto("/");
  await expect(page.getByRole("progressbar").filter({ visible: true }).first()).toBeVisible();
  for (const look of looks) {
    await wear(page, look);
    await expectNoSidewaysScroll(page);
    await keepPicture(page, info, `overview-under-way-${look.scheme}-${look.width}`);
  }
  await setLatency(page, 0);
  await expect(page.getByRole("progressbar")).toHaveCount(0, { timeout: 120_000 });
  await expect(page.getByRole("region", { name: "Latest sync run" })).toContainText("Completed");
  expect(complaints).toEqual([]);
});
