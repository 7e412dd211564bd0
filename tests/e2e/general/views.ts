import { expect, type Page } from "@playwright/test";

import { webhookEvent } from "../../level-simulator";
import { addressOf, company } from "../company";
import { activeAlerts, deliver, setUpWebhook } from "../level-support";
import { ensureAccount } from "../prepared";
import { invite } from "../support";

/** An address, or a function that opens the page. */
type View = string | ((page: Page) => Promise<void>);

/** The test of the first run visits it, because the link works once. */
export const BY_FIRST_RUN = "first-run.spec.ts";

const ACCOUNTS = "/settings/integrations/levelio";

/** Every page of the app, by its route, in each state worth checking, by the name of its picture. */
export const views: Record<string, Record<string, View> | typeof BY_FIRST_RUN> = {
  "_app.$": { "not-found": "/no/such/page" },
  "_app._index": { overview: "/", search: openSearch },
  "_app.alerts.$alertId": {
    "alert-detail": (page) => follow(page, "/alerts/list?state=all", "tbody a[href^='/alerts/']"),
  },
  "_app.alerts._index": { incidents: "/alerts", "incidents-none-found": "/alerts?q=no-such-thing" },
  "_app.alerts.incidents.$incidentId": {
    incident: (page) => follow(page, "/alerts?state=all", "tbody a[href^='/alerts/incidents/']"),
  },
  "_app.alerts.list": { alerts: "/alerts/list" },
  "_app.alerts.deliveries.$deliveryId": {
    delivery: (page) => follow(page, "/alerts/deliveries", "tbody a[href^='/alerts/deliveries/']"),
  },
  "_app.alerts.deliveries._index": { deliveries: "/alerts/deliveries" },
  "_app.assets.$assetId": { asset: (page) => follow(page, "/assets", "tbody a[href^='/assets/']") },
  "_app.assets.$assetId_.edit": {
    "asset-edit": (page) => follow(page, "/assets", "tbody a[href^='/assets/']", "/edit"),
  },
  "_app.assets.$assetId_.history": {
    "asset-history": (page) => follow(page, "/assets", "tbody a[href^='/assets/']", "/history"),
  },
  "_app.assets.$assetId_.merge": { "asset-merge": openMerge },
  "_app.assets._index": { assets: "/assets", "assets-none-found": "/assets?q=no-such-thing" },
  "_app.assets.differences": { differences: "/assets/differences" },
  "_app.assets.new": { "asset-new": "/assets/new" },
  "_app.clients.$clientId": { client: (page) => follow(page, "/clients", "tbody a") },
  "_app.clients._index": { clients: "/clients" },
  "_app.clients.import": { "clients-import": "/clients/import" },
  "_app.clients.counts": { "device-counts": "/clients/counts" },
  "_app.coverage": { coverage: "/coverage", "coverage-groups": "/coverage?kind=groups" },
  "_app.events._index": { events: "/events" },
  "_app.events.webhooks": { "events-webhooks": "/events/webhooks" },
  "_app.patches.$patchKey": { patch: (page) => follow(page, "/patches", "tbody a[href^='/patches/']") },
  "_app.patches._index": { patches: "/patches", "patches-none-found": "/patches?q=no-such-thing" },
  "_app.patches.devices": { "patches-devices": "/patches/devices" },
  "_app.review._index": { review: "/review" },
  "_app.review.devices": { "review-devices": "/review/devices" },
  "_app.review.identity": { "review-identity": "/review/identity" },
  "_app.runs.$runId": { run: (page) => follow(page, "/runs?type=full", "tbody a[href^='/runs/']") },
  "_app.runs.$runId_.changes": {
    "run-changes": (page) => follow(page, "/runs?type=full", "tbody a[href^='/runs/']", "/changes"),
  },
  "_app.runs.$runId_.undo": {
    "run-undo": (page) => follow(page, "/runs?type=full", "tbody a[href^='/runs/']", "/undo"),
  },
  "_app.runs._index": { runs: "/runs" },
  "_app.settings.account": { account: "/settings/account" },
  "_app.settings.account_.notices": { "own-notices": "/settings/account/notices" },
  "_app.settings.audit": { audit: "/settings/audit" },
  "_app.settings.integrations._index": { integrations: "/settings/integrations" },
  "_app.settings.integrations.levelio.$connectionId._index": {
    level: (page) => openFleet(page),
    "level-disconnect": (page) => openFleet(page, "?disconnect=1"),
  },
  "_app.settings.integrations.levelio.$connectionId.devices": {
    "level-devices": (page) => openFleet(page, "/devices"),
  },
  "_app.settings.integrations.levelio.$connectionId.matching": {
    "level-matching": (page) => openFleet(page, "/matching"),
  },
  "_app.settings.integrations.levelio.$connectionId.mapping": {
    "level-mapping": (page) => openFleet(page, "/mapping"),
    "level-client-picker": openClientPicker,
    "level-preview": openPreview,
  },
  "_app.settings.integrations.levelio.$connectionId.webhook": {
    "level-webhook": (page) => openFleet(page, "/webhook"),
  },
  "_app.settings.integrations.levelio._index": { "level-accounts": ACCOUNTS },
  "_app.settings.maintenance._index": { maintenance: "/settings/maintenance" },
  "_app.settings.maintenance.new": { "maintenance-new": "/settings/maintenance/new" },
  "_app.settings.maintenance.$windowId": {
    "maintenance-window": openWindow,
    "maintenance-preview": async (page) => {
      await openWindow(page);
      await page.getByRole("button", { name: "What would it have done?" }).click();
      await expect(page.getByRole("heading", { name: "The last 30 days" })).toBeVisible();
    },
  },
  "_app.settings.rules._index": { rules: "/settings/rules" },
  "_app.settings.rules.new": { "rule-new": "/settings/rules/new" },
  "_app.settings.rules.$ruleId": {
    rule: openRule,
    "rule-preview": async (page) => {
      await openRule(page);
      await page.getByRole("button", { name: "What would it have done?" }).click();
      await expect(page.getByRole("heading", { name: "The last 30 days" })).toBeVisible();
    },
  },
  "_app.settings.notifications": { notifications: "/settings/notifications" },
  "_app.settings.people": { people: openPeople },
  "_app.settings.tickets": {
    "ticket-systems": "/settings/tickets",
    "ticket-system-new": "/settings/tickets?add=halopsa",
  },
  "_app.settings.api._index": { "api-reference": "/settings/api" },
  "_app.settings.api.$operationId": {
    "api-operation": "/settings/api/decidePendingChanges",
    "api-operation-list": "/settings/api/listAssets",
  },
  "_app.settings.tickets_.$systemId.companies": { "ticket-companies": openCompanies },
  "_app.settings.tokens": { tokens: "/settings/tokens", "token-made": makeToken },
  "invite.$token": { invite: openInvitation },
  "unsubscribe.$token": { "unsubscribe-bad": "/unsubscribe/x" },
  setup: BY_FIRST_RUN,
  "sign-in": { "sign-in": openSignIn },
};

/** All views except those of the first run, by the area of the app; "elsewhere" for pages outside any. */
export function areas(): [area: string, views: [name: string, view: View][]][] {
  const found = new Map<string, [string, View][]>();
  for (const [route, states] of Object.entries(views)) {
    if (states === BY_FIRST_RUN) continue;
    const area = /^_app\.(settings\.integrations|[a-z]+)/.exec(route)?.[1] ?? "elsewhere";
    found.set(area, [...(found.get(area) ?? []), ...Object.entries(states)]);
  }
  return [...found];
}

export async function open(page: Page, view: View): Promise<void> {
  if (typeof view === "string") await page.goto(view);
  else await view(page);
}

/** Makes sure that there is an alert, and the delivery that reported it. */
export async function ensureDelivery(page: Page): Promise<void> {
  await page.goto("/alerts/deliveries");
  if ((await page.locator("tbody tr").count()) > 0) return;
  const { url, secret } = await setUpWebhook(page, "With a delivery");
  const [alert] = await activeAlerts(page);
  expect(await deliver(page, url, webhookEvent("alert_active", alert), secret)).toBe(202);
}

/** Targets of lists' first links, by company, list and link. */
const followed = new Map<string, string>();

/** The target of a list's first link, or a page below it. */
async function follow(page: Page, list: string, link: string, below = ""): Promise<void> {
  const key = `${company().number} ${list} ${link}`;
  let target = followed.get(key);
  if (target === undefined) {
    await page.goto(list);
    target = (await page.locator(link).first().getAttribute("href"))!;
    followed.set(key, target);
  }
  await page.goto(target + below);
}

/** The first window; makes one if there is none. */
async function openWindow(page: Page): Promise<void> {
  await page.goto("/settings/maintenance");
  if ((await page.locator("tbody tr").count()) === 0) {
    await page.goto("/settings/maintenance/new");
    await page.getByLabel("Name", { exact: true }).fill("Patch night");
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL("/settings/maintenance");
  }
  await follow(page, "/settings/maintenance", "tbody a");
}

/** The first rule; makes one if there is none. */
async function openCompanies(page: Page): Promise<void> {
  await page.goto("/settings/tickets");
  const companies = page.getByRole("link", { name: "Companies in A helpdesk" });
  if ((await companies.count()) === 0) {
    await page.goto("/settings/tickets?add=email");
    await page.getByLabel("Name", { exact: true }).fill("A helpdesk");
    await page.getByLabel("Address of the helpdesk").fill("helpdesk@example.com");
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL("/settings/tickets");
  }
  await companies.click();
  await expect(page.getByRole("heading", { name: "From a CSV" })).toBeVisible();
}

async function openRule(page: Page): Promise<void> {
  await page.goto("/settings/rules");
  const rules = "main ol a[href^='/settings/rules/']";
  if ((await page.locator(rules).count()) === 0) {
    await page.goto("/settings/rules/new");
    await page.getByLabel("Name of the rule").fill("Critical by e-mail");
    await page.getByLabel("E-mail to the recipients").check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL("/settings/rules");
  }
  await follow(page, "/settings/rules", rules);
}

async function openSearch(page: Page): Promise<void> {
  await page.goto("/");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("as");
  await expect(page.getByRole("group", { name: "Assets" })).toBeVisible();
}

async function openMerge(page: Page): Promise<void> {
  await follow(page, "/assets", "tbody a[href^='/assets/']");
  await page.getByRole("link", { name: "Merge", exact: true }).click();
  await expect(page.getByRole("heading", { name: "With which asset?" })).toBeVisible();
}

/** A page of the account whose devices have the assets. */
async function openFleet(page: Page, part = ""): Promise<void> {
  await page.goto((await ensureAccount(page, "Fleet")) + part);
}

async function openClientPicker(page: Page): Promise<void> {
  await openFleet(page, "/mapping");
  await page
    .getByRole("button", { name: /^Client of / })
    .first()
    .click();
  await expect(page.getByPlaceholder("Find or name a client")).toBeVisible();
}

async function openPreview(page: Page): Promise<void> {
  await openClientPicker(page);
  await page.getByRole("option", { name: "Exclude: no assets from here" }).click();
  await page.getByRole("button", { name: "Review and save" }).click();
  await expect(page.getByRole("dialog").getByRole("button", { name: "Save 1 change" })).toBeEnabled();
}

/** With a person who has not answered the invitation, whose row has the most words. */
async function openPeople(page: Page): Promise<void> {
  await invite(page, { name: "Pia Pending", email: addressOf("pia"), role: "technician" });
  await page.goto("/settings/people");
}

async function openInvitation(page: Page): Promise<void> {
  await page.goto(await invite(page, { name: "Ivy Invited", email: addressOf("ivy"), role: "viewer" }));
}

async function openSignIn(page: Page): Promise<void> {
  await page.context().clearCookies({ name: "session" });
  await page.goto("/sign-in");
}

async function makeToken(page: Page): Promise<void> {
  await page.goto("/settings/tokens");
  await page.getByLabel("Name").fill("Nightly report");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByText("Copy it now: it is not shown again.")).toBeVisible();
}
