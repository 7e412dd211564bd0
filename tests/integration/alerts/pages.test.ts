import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eq } from "drizzle-orm";
import { withTenant } from "@db/client";
import { auditLog, rmmAlerts, rmmWebhookDeliveries } from "@db/schema";
import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type Browser, type FormFields, type WebWorld } from "@tests/support/web";

type Tenant = Awaited<ReturnType<WebWorld["tenant"]>>;

let web: WebWorld;
let ours: Tenant;
let theirs: Tenant;
let place: { connectionId: string; clientId: string; assetId: string };
let foreign: { alertId: string; deliveryId: string };

beforeAll(async () => {
  web = await createWebWorld();
  ours = await web.tenant();
  theirs = await web.tenant();
  place = await addPlace(ours);
  await addAlerts(ours, 60);
  foreign = await addForeign();
});
afterAll(() => web.close());

async function addPlace(tenant: Tenant) {
  const { db } = web.database;
  const tenantId = tenant.id;
  const integration = await createIntegration(db, { tenantId });
  const client = await createClient(db, { tenantId, name: "Harborlight" });
  const asset = await createAsset(db, { tenantId, clientId: client.id, name: "HRB-1" });
  return { connectionId: integration.id, clientId: client.id, assetId: asset.id };
}

const severities = ["critical", "major", "moderate", "minor", "none"] as const;
const HOUR = 3_600_000;
let made = 0;

/** Severities in turn; every third alert is resolved, every fourth acknowledged, every second has an asset. */
async function addAlerts(tenant: Tenant, n: number): Promise<string[]> {
  const { db } = web.database;
  const rows = Array.from({ length: n }, (_, i) => ({
    tenantId: tenant.id,
    connectionId: place.connectionId,
    externalAlertId: `alert-${made++}`,
    name: i === 7 ? "Needle 100% in_the hay" : `Alert ${i}`,
    severity: severities[i % 5]!,
    status: i % 3 === 0 ? ("resolved" as const) : ("active" as const),
    acknowledgedAt: i % 4 === 0 ? new Date() : null,
    assetId: i % 2 === 0 ? place.assetId : null,
    startedAt: new Date(Date.now() - i * HOUR),
    observedAt: new Date(),
    observedVia: "webhook" as const,
    contentHash: "x",
  }));
  const alerts = await db.insert(rmmAlerts).values(rows).returning({ id: rmmAlerts.id });
  await db.insert(rmmWebhookDeliveries).values(
    alerts.map(({ id: alertId }) => ({
      tenantId: tenant.id,
      connectionId: place.connectionId,
      scheme: "signed" as const,
      eventType: "alert_active",
      eventKey: `event-${alertId}`,
      outcome: "accepted" as const,
      responseStatus: 202,
      durationMs: 3,
      alertId,
      body: "{}",
    })),
  );
  return alerts.map(({ id }) => id);
}

async function addForeign() {
  const { db } = web.database;
  const tenantId = theirs.id;
  const integration = await createIntegration(db, { tenantId });
  const reported = { tenantId, connectionId: integration.id };
  const [alert] = await db
    .insert(rmmAlerts)
    .values({
      ...reported,
      externalAlertId: "theirs",
      name: "Only theirs",
      severity: "critical",
      status: "active",
      observedAt: new Date(),
      observedVia: "webhook",
      contentHash: "x",
    })
    .returning();
  const [delivery] = await db
    .insert(rmmWebhookDeliveries)
    .values({
      ...reported,
      scheme: "signed",
      outcome: "accepted",
      responseStatus: 202,
      durationMs: 1,
      body: "{}",
    })
    .returning();
  return { alertId: alert!.id, deliveryId: delivery!.id };
}

interface Line {
  id: string;
  name: string;
  severity: string;
  status: string;
  assetId: string | null;
}

interface Inbox {
  rows: Line[];
  total: number;
  next: string | null;
  active: { open: number };
  asset: { id: string; name: string } | null;
}

async function inbox(query: string): Promise<Inbox> {
  const address = `/alerts/list?_data=${encodeURIComponent("routes/_app.alerts.list")}&${query}`;
  const response = await ours.as.viewer.get(address);
  expect(response.status).toBe(200);
  return (await response.json()) as Inbox;
}

/** The pages of a list in order. */
async function pagesOf(query: string, meanwhile = () => Promise.resolve()): Promise<Line[]> {
  const seen: Line[] = [];
  for (let next: string | null = ""; next !== null;) {
    const page: Inbox = await inbox(next === "" ? query : `${query}&after=${next}`);
    seen.push(...page.rows);
    next = page.next;
    await meanwhile();
  }
  return seen;
}

describe("the inbox", () => {
  it("shows the open alerts first, newest first", async () => {
    const { rows, total, active } = await inbox("");
    expect(total).toBe(30);
    expect(active.open).toBe(30);
    expect(rows.map(({ name }) => name).slice(0, 3)).toEqual(["Alert 1", "Alert 2", "Alert 5"]);
    expect(rows.every(({ status }) => status === "active")).toBe(true);
  });

  it("shows critical alerts first if asked to, each once over its pages", async () => {
    const seen = await pagesOf("state=all&sort=severity");
    expect(seen.map(({ severity }) => severity)).toEqual(
      severities.flatMap((severity) => Array.from({ length: 12 }, () => severity)),
    );
    expect(new Set(seen.map(({ id }) => id)).size).toBe(60);
    const critical = seen.slice(0, 3).map(({ name }) => name);
    expect(critical, "the newest of them first").toEqual(["Alert 0", "Alert 5", "Alert 10"]);
  });

  it.each([
    ["state=all", 60],
    ["state=active", 40],
    ["state=acknowledged", 10],
    ["state=resolved", 20],
    ["state=all&severity=critical", 12],
    ["state=all&client=none", 30],
    ["state=all&time=day", 24],
    ["state=all&q=needle", 1],
    // Characters with a meaning in SQL patterns are matched literally.
    ["state=all&q=100%25", 1],
    ["state=all&q=in_the", 1],
    ["state=all&q=a_ert", 0],
    ["state=nonsense&severity=nonsense&time=nonsense&asset=nonsense&page=-1", 30],
  ])("with %s shows %i", async (query, total) => {
    expect((await inbox(query)).total).toBe(total);
  });

  it("finds the alerts of a client and of an asset", async () => {
    expect((await inbox(`state=all&client=${place.clientId}`)).total).toBe(30);
    expect(
      (await inbox(`state=all&asset=${place.assetId}`)).rows.every(
        ({ assetId }) => assetId === place.assetId,
      ),
    ).toBe(true);
  });

  it("names the asset if it shows only that asset's alerts", async () => {
    expect((await inbox(`asset=${place.assetId}`)).asset).toEqual({ id: place.assetId, name: "HRB-1" });
    expect((await inbox(`asset=${place.clientId}`)).asset?.name).toBe("Unknown asset");
    expect((await inbox("")).asset).toBeNull();
  });

  it.each(["newest", "severity"])(
    "by %s shows each alert once, even if one is added between pages",
    async (sort) => {
      const { db } = web.database;
      const add = async () => void (await addAlerts(ours, 1));
      const made = await pagesOf(`state=all&sort=${sort}`, add);
      const names = made.map(({ name }) => name);
      expect(names).toHaveLength(60);
      expect(new Set(made.map(({ id }) => id)).size).toBe(60);
      const newest = await pagesOf("state=all");
      for (const { id } of newest.filter((alert) => made.every((seen) => seen.id !== alert.id)))
        await db.delete(rmmAlerts).where(eq(rmmAlerts.id, id));
    },
  );

  it("starts at the beginning for a place in another order", async () => {
    const { next } = await inbox("state=all");
    expect((await inbox(`state=all&sort=severity&after=${next}`)).rows[0]!.name).toBe("Alert 0");
    expect((await inbox(`state=all&after=nonsense`)).rows).toHaveLength(50);
  });
});

describe("another tenant's alerts and deliveries", () => {
  it("are shown nowhere, and are not found by their ids", async () => {
    expect((await inbox("state=all&q=theirs")).total).toBe(0);
    for (const path of [`/alerts/${foreign.alertId}`, `/alerts/deliveries/${foreign.deliveryId}`]) {
      expect((await ours.as.admin.get(path)).status).toBe(404);
      expect((await theirs.as.admin.get(path)).status).toBe(200);
    }
  });

  it("are not changed", async () => {
    for (const intent of ["acknowledge", "reopen", "resolve"]) {
      expect((await ours.as.admin.post(`/alerts/${foreign.alertId}`, { intent })).status).toBe(404);
    }
    const replay = await ours.as.admin.post(`/alerts/deliveries/${foreign.deliveryId}`, { intent: "replay" });
    expect(replay.status).toBe(404);
    await withTenant(web.database.db, theirs.id, async (tx) => {
      expect(await tx.select().from(rmmAlerts)).toMatchObject([{ status: "active", acknowledgedAt: null }]);
      expect(await tx.select().from(rmmWebhookDeliveries)).toMatchObject([{ replays: 0 }]);
      expect(await tx.select().from(auditLog)).toEqual([]);
    });
  });
});

it("acknowledging in the inbox returns to the same place in it, and never elsewhere", async () => {
  const [first, second] = (await inbox("")).rows;
  const acknowledge = (browser: Browser, id: string, back: string) =>
    browser.post(`/alerts/${id}`, { intent: "acknowledge", back });
  const there = await acknowledge(ours.as.technician, first!.id, "/alerts/list?severity=major");
  expect(there.headers.get("Location") ?? there.headers.get("X-Remix-Redirect")).toBe(
    "/alerts/list?severity=major",
  );
  const elsewhere = await acknowledge(ours.as.technician, second!.id, "//elsewhere.example");
  expect(elsewhere.headers.get("Location") ?? elsewhere.headers.get("X-Remix-Redirect")).toBe(
    `/alerts/${second!.id}`,
  );
  expect((await acknowledge(ours.as.viewer, first!.id, "/alerts/list")).status).toBe(403);
});

it("the pages use as many statements for 60 alerts as for 460", async () => {
  const [alert] = (await inbox("state=all")).rows;
  const [delivery] = await withTenant(web.database.db, ours.id, (tx) =>
    tx.select().from(rmmWebhookDeliveries).limit(1),
  );
  const paths = [
    "/alerts/list",
    "/alerts/list?state=all&q=alert&severity=major",
    `/alerts/${alert!.id}`,
    "/alerts/deliveries",
    "/alerts/deliveries?q=alert&outcome=accepted",
    `/alerts/deliveries/${delivery!.id}`,
    `/settings/integrations/levelio/${place.connectionId}/webhook`,
  ];
  const countAll = async () => {
    const counts: number[] = [];
    for (const path of paths) counts.push(await countStatements(web, ours.as.admin, path));
    return counts;
  };
  const before = await countAll();
  await addAlerts(ours, 400);
  expect(await countAll()).toEqual(before);
  for (const statements of before) expect(statements).toBeLessThan(30);
});

describe("several alerts at once", () => {
  const post = async (browser: Browser, query: string, fields: FormFields, alert: string[] = []) => {
    const response = await browser.post(`/alerts/list?${query}`, { ...fields, alert });
    return {
      status: response.status,
      to: response.headers.get("Location") ?? response.headers.get("X-Remix-Redirect") ?? "",
    };
  };
  const openIds = async (query = "") => (await inbox(query)).rows.map(({ id }) => id);
  const undoOf = (to: string) => new URLSearchParams(to.split("?")[1]).get("undo")!;
  const audited = async () =>
    (await withTenant(web.database.db, ours.id, (tx) => tx.select().from(auditLog))).filter(
      ({ targetType }) => targetType === "alerts",
    );

  it("that were picked are acknowledged, and one button undoes it", async () => {
    const before = (await inbox("")).total;
    const picked = (await openIds()).slice(0, 3);
    const { to } = await post(ours.as.technician, "", { intent: "acknowledge" }, picked);
    expect((await inbox("")).total).toBe(before - 3);
    expect(to).toMatch(/^\/alerts\/list\?undo=/);
    await post(ours.as.technician, "", { intent: "undo", at: undoOf(to) });
    expect((await inbox("")).total).toBe(before);
    expect((await audited()).map(({ action, details }) => [action, details["alerts"]])).toEqual([
      ["alerts.acknowledged", 3],
      ["alerts.reopened", 3],
    ]);
  });

  it("can be undone only by the person who acknowledged them", async () => {
    const picked = (await openIds()).slice(0, 2);
    const before = (await inbox("")).total;
    const { to } = await post(ours.as.technician, "", { intent: "acknowledge" }, picked);
    await post(ours.as.admin, "", { intent: "undo", at: undoOf(to) });
    expect((await inbox("")).total).toBe(before - 2);
  });

  it("that match the filter are acknowledged on all pages", async () => {
    await addAlerts(ours, 120);
    const { total } = await inbox("severity=minor");
    expect(total).toBeGreaterThan(50);
    const { to } = await post(ours.as.technician, "severity=minor", {
      intent: "acknowledge",
      all: "on",
      mark: String(total),
    });
    expect(to).toContain("severity=minor");
    expect((await inbox("severity=minor")).total).toBe(0);
    expect((await inbox("severity=major")).total).toBeGreaterThan(0);
    const back = await inbox("severity=minor&state=acknowledged");
    await post(ours.as.technician, "severity=minor&state=acknowledged", {
      intent: "reopen",
      all: "on",
      mark: String(back.total),
    });
    expect((await inbox("severity=minor&state=acknowledged")).total).toBe(0);
  });

  it("are left alone if more match than the person was shown", async () => {
    const { total } = await inbox("");
    const { status } = await post(ours.as.technician, "", {
      intent: "acknowledge",
      all: "on",
      mark: String(total - 1),
    });
    expect(status).toBe(409);
    expect((await inbox("")).total).toBe(total);
  });

  it("of another tenant are not changed, nor resolved ones, nor by a viewer", async () => {
    const resolved = (await inbox("state=resolved")).rows[0]!;
    const before = await audited();
    await post(ours.as.technician, "", { intent: "acknowledge" }, [foreign.alertId, "nonsense"]);
    await post(ours.as.technician, "", { intent: "acknowledge" }, [resolved.id]);
    expect((await post(ours.as.viewer, "", { intent: "acknowledge" }, await openIds())).status).toBe(403);
    expect(await audited()).toEqual(before);
    await withTenant(web.database.db, theirs.id, async (tx) => {
      expect(await tx.select().from(rmmAlerts)).toMatchObject([{ acknowledgedAt: null }]);
    });
  });
});
