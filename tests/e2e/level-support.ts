import { expect, type Page } from "@playwright/test";

import { signWebhook, type LevelAlert } from "../level-simulator";
import { company, levelUrl } from "./company";

/** Milliseconds that the simulator waits before each answer: enough to see a run in progress. */
export async function setLatency(page: Page, ms: number): Promise<void> {
  const answer = await page.request.post(`${levelUrl()}/_control/latency`, { data: { ms } });
  expect(answer.ok()).toBe(true);
}

/** Connects the simulator's account through the form, and ends on the connection's page. Returns its address. */
export async function connectAccount(page: Page, label: string, apiKey = company().apiKey): Promise<string> {
  await page.goto("/settings/integrations/levelio");
  await page.getByLabel("Name of the connection").fill(label);
  await page.getByLabel("API key").fill(apiKey);
  await page.getByRole("button", { name: "Test and connect" }).click();
  await page.waitForURL(/levelio\/[0-9a-f-]{36}/);
  await expect(page.getByRole("heading", { level: 1, name: label })).toBeVisible();
  return new URL(page.url()).pathname;
}

/** The row of the sync panel for a kind of run. */
export const syncRow = (page: Page, title: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

/** Presses a sync button of the connection's page and waits for the end of the run that it starts. */
export async function syncByButton(page: Page, title: string, button: string): Promise<void> {
  const row = syncRow(page, title);
  const link = row.locator('a[href^="/runs/"]');
  const before = (await link.count()) === 0 ? null : await link.getAttribute("href");
  await row.getByRole("button", { name: button }).click();
  await expect(async () => {
    expect(await link.getAttribute("href", { timeout: 1_000 })).not.toBe(before);
    await expect(row.getByText("Completed", { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 120_000 });
}

/** The account's active alerts, as Level's own API gives them. */
export async function activeAlerts(page: Page): Promise<LevelAlert[]> {
  const headers = { authorization: company().apiKey };
  const answer = await page.request.get(`${levelUrl()}/v2/alerts?status=active&limit=100`, { headers });
  return ((await answer.json()) as { data: LevelAlert[] }).data;
}

/** Sends an event as Level does. Returns the status of the answer. */
export async function deliver(page: Page, url: string, event: object, secret: string): Promise<number> {
  const body = JSON.stringify(event);
  const headers = { "content-type": "application/json", "x-level-signature": signWebhook(body, secret) };
  return (await page.request.post(url, { data: body, headers })).status();
}

/** Connects an account and takes from its webhook page what a person would paste into Level. Needs the clipboard. */
export async function setUpWebhook(page: Page, label: string, apiKey?: string) {
  const path = await connectAccount(page, label, apiKey);
  await page.goto(`${path}/webhook`);
  await page.getByRole("button", { name: "Copy address", exact: true }).click();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Reveal once" }).click();
  await page.getByRole("button", { name: "Copy secret" }).click();
  const secret = await page.evaluate(() => navigator.clipboard.readText());
  return { path, url, secret };
}
