import { expect, test, type Page } from "@playwright/test";

import { webhookEvent, type LevelAlert } from "../../level-simulator";
import { company, levelUrl } from "../company";
import { activeAlerts, deliver, setUpWebhook } from "../level-support";
import { signIn } from "../prepared";
import { complaintsOf, expectAccessible, expectNoSidewaysScroll, keepPicture } from "../support";

async function alertInLevel(page: Page, id: string): Promise<LevelAlert> {
  const headers = { authorization: company().apiKey };
  return (await (await page.request.get(`${levelUrl()}/v2/alerts/${id}`, { headers })).json()) as LevelAlert;
}

test.beforeEach(async ({ context, page }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page);
});

test("a person follows the instructions, a signed delivery arrives, and its alert is resolved in Level", async ({
  page,
}, info) => {
  test.setTimeout(300_000);
  const complaints = complaintsOf(page);
  const { path, url, secret } = await setUpWebhook(page, "With alerts");
  const [alert] = await activeAlerts(page);
  const heard = page.getByRole("listitem").filter({ hasText: /^Signed webhooks/ });

  await test.step("before the first delivery the page says so; the delivery ticks its method", async () => {
    await page.goto(`${path}/webhook`);
    await expect(heard).toContainText("not yet");
    expect(await deliver(page, url, webhookEvent("alert_active", alert), secret)).toBe(202);
    await page.reload();
    await expect(heard).toContainText(/just now|seconds? ago/);
  });

  await test.step("refusals are shown with their reasons", async () => {
    expect(await deliver(page, url, webhookEvent("alert_active", alert), "a wrong secret")).toBe(401);
    await page.reload();
    await expect(page.getByText(/with a signature made with another secret since/)).toBeVisible();
  });

  await test.step("a test to oneself arrives", async () => {
    await page.getByRole("button", { name: "Send a signed test to myself" }).click();
    await expect(page.getByRole("status")).toContainText("The test was received");
    await expectAccessible(page);
  });

  await test.step("the alert is in the inbox, is found by its text, and is acknowledged there", async () => {
    await page.goto("/alerts/list");
    await page.getByRole("searchbox").fill(alert!.device_hostname!);
    await page.waitForURL(/q=/);
    await expectAccessible(page);
    await page
      .getByRole("button", { name: `Acknowledge ${alert!.name}` })
      .first()
      .click();
    await expect(page.getByRole("status")).toContainText("Acknowledged.");
    await page.getByRole("combobox", { name: "State" }).selectOption("acknowledged");
    await page.getByRole("link", { name: alert!.name! }).first().click();
    await page.waitForURL(/\/alerts\/[0-9a-f-]{36}/);
    await expect(page.getByText("Acknowledged", { exact: true }).first()).toBeVisible();
    await expect(page.getByRole("link", { name: "alert_active" })).toBeVisible();
    await expectAccessible(page);
    await keepPicture(page, info, "alert");
  });

  await test.step("resolving it here resolves it in Level", async () => {
    await page.getByRole("button", { name: "Resolve in Level" }).click();
    await expect(page.getByRole("status")).toContainText("Resolved, in Level too.");
    await expect(page.getByText("Resolved", { exact: true }).first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Resolve in Level" })).toHaveCount(0);
    expect((await alertInLevel(page, alert!.id)).is_resolved).toBe(true);
  });

  await test.step("the log has the delivery with its body, and replays it without harm", async () => {
    await page.goto("/alerts/deliveries?scheme=signed&q=alert_active");
    await expectAccessible(page);
    await page.getByRole("link", { name: "alert_active" }).first().click();
    await expect(page.getByLabel("Body of the delivery")).toContainText(alert!.id);
    expect(await page.content()).not.toContain(secret);
    await page.getByRole("button", { name: "Replay" }).click();
    await expect(page.getByRole("status")).toContainText("something newer was known");
    await expectAccessible(page);
  });

  await test.step("the log leads to its last page and back, and a filter begins at the first", async () => {
    for (let n = 0; n < 60; n++)
      expect(await deliver(page, url, webhookEvent("unheard_of", { n }), secret)).toBe(200);
    await page.goto("/alerts/deliveries?q=unheard_of");
    const pages = page.getByRole("navigation", { name: "Pages of deliveries" });
    await expect(pages).toContainText("1–50 of 60 deliveries");
    await expect(pages.getByRole("link", { name: "Previous page" })).toHaveCount(0);
    await pages.getByRole("link", { name: "Next page" }).click();
    await expect(pages).toContainText("51–60 of 60 deliveries");
    await expectAccessible(page);
    await pages.getByRole("link", { name: "Previous page" }).click();
    await expect(pages).toContainText("1–50 of 60 deliveries");
    await pages.getByRole("link", { name: "Last page" }).click();
    await expect(pages).toContainText("51–60 of 60 deliveries");
    await keepPicture(page, info, "deliveries-last-page");
    await page.getByLabel("Outcome").selectOption("ignored");
    await expect(pages).toContainText("1–50 of 60 deliveries");
    await expect(page).not.toHaveURL(/after=|before=|page=/);
  });

  expect(complaints).toEqual([]);
});

test("a read-only key cannot resolve: the page says so, and nothing changes", async ({ page }) => {
  const { url, secret } = await setUpWebhook(page, "Only reading", company().readOnlyApiKey);
  const alert = (await activeAlerts(page)).at(-1)!;
  const name = `Told to a reader ${Date.now()}`;
  expect(await deliver(page, url, webhookEvent("alert_active", { ...alert, name }), secret)).toBe(202);
  await page.goto(`/alerts/list?q=${encodeURIComponent(name)}`);
  await page.getByRole("link", { name }).click();
  await page.getByRole("button", { name: "Resolve in Level" }).click();
  await expect(page.getByRole("alert")).toContainText("This API key may not change alerts.");
  await expect(page.getByRole("alert")).toContainText("Nothing was changed here.");
  await page.reload();
  await expect(page.getByText("Open", { exact: true }).first()).toBeVisible();
  expect((await alertInLevel(page, alert.id)).is_resolved).toBe(false);
});

test("several alerts are selected by keyboard, acknowledged together, and reverted", async ({
  page,
}, info) => {
  const complaints = complaintsOf(page);
  const { url, secret } = await setUpWebhook(page, "With many alerts");
  const [alert] = await activeAlerts(page);
  const mark = `Many ${Date.now()}`;
  for (const n of [1, 2, 3, 4]) {
    const told = { ...alert, id: `${mark} ${n}`, name: `${mark} ${n}` };
    expect(await deliver(page, url, webhookEvent("alert_active", told), secret)).toBe(202);
  }
  await page.goto(`/alerts/list?q=${encodeURIComponent(mark)}`);
  const boxes = page.getByRole("checkbox", { name: `Select ${mark}` });
  await expect(boxes).toHaveCount(4);
  const bulk = page.locator("form#picked-alerts").getByRole("button", { name: "Acknowledge", exact: true });
  await expect(bulk).toBeDisabled();
  await boxes.nth(0).press("Space");
  await boxes.nth(2).press("Shift+Space");
  await expect(page.getByText("3 rows selected")).toBeVisible();
  await expectAccessible(page);
  await keepPicture(page, info, "alerts-selected");

  await bulk.press("Enter");
  await expect(page.getByText("You acknowledged 3 alerts.")).toBeVisible();
  await expect(boxes).toHaveCount(1);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(boxes).toHaveCount(4);

  await page.getByLabel("All 4 alerts that match").press("Space");
  await bulk.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
  await expect(page.getByText("You acknowledged 4 alerts.")).toBeVisible();
  await expect(boxes).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("the alerts pages fit a phone", async ({ page }, info) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [name, address] of Object.entries({
    alerts: "/alerts/list?state=all",
    deliveries: "/alerts/deliveries",
  })) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await keepPicture(page, info, `${name}-phone`);
  }
});
