import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { assets, auditLog, incidentEntries, incidents, rmmAlerts } from "@db/schema";
import { formIncidents } from "~/features/incidents/form-incidents";
import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type Browser, type FormFields, type WebWorld } from "@tests/support/web";

type Tenant = Awaited<ReturnType<WebWorld["tenant"]>>;

const HOUR = 3_600_000;
const severities = ["critical", "major", "moderate", "minor", "none"] as const;

let web: WebWorld;
let ours: Tenant;
let assetId: string;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

beforeEach(async () => {
  ours = await web.tenant();
  const { db } = web.database;
  const tenantId = ours.id;
  const { id: connectionId } = await createIntegration(db, { tenantId });
  const client = await createClient(db, { tenantId, name: "Harborlight" });
  assetId = (await createAsset(db, { tenantId, clientId: client.id, name: "HRB-1" })).id;
  await db.insert(rmmAlerts).values(
    Array.from({ length: 15 }, (_, i) => ({
      tenantId,
      connectionId,
      externalAlertId: `alert-${i}`,
      externalDeviceId: `device-${i}`,
      deviceHostname: `HOST-${i}`,
      name: `Condition ${i}`,
      severity: severities[i % 5]!,
      status: i === 14 ? ("resolved" as const) : ("active" as const),
      resolvedAt: i === 14 ? new Date(Date.now() - HOUR) : null,
      assetId: i === 0 ? assetId : null,
      startedAt: new Date(Date.now() - (i + 2) * HOUR),
      observedAt: new Date(),
      observedVia: "webhook" as const,
      contentHash: "x",
    })),
  );
  await formIncidents({ db, clock: () => new Date(), nudge: () => {} });
});

interface Inbox {
  rows: { id: string; name: string; severity: string; state: string; owner: string | null }[];
  next?: string;
  counts: { open: number; acknowledged: number; snoozed: number };
}

async function inbox(query = ""): Promise<Inbox> {
  const address = `/alerts?index&_data=${encodeURIComponent("routes/_app.alerts._index")}&${query}`;
  const response = await ours.as.viewer.get(address);
  expect(response.status).toBe(200);
  return (await response.json()) as Inbox;
}

const post = (browser: Browser, fields: FormFields, query = "") =>
  browser.post(`/alerts?index&${query}`, fields);

const stateOf = async (id: string) =>
  (
    await web.database.db
      .select()
      .from(incidents)
      .where(sql`id = ${id}`)
  )[0]!;

describe("the inbox of incidents", () => {
  it("shows open incidents, most severe and newest first, and no resolved one", async () => {
    const { rows, counts } = await inbox();
    expect(rows.map(({ severity }) => severity)).toEqual([
      ...Array<string>(3).fill("critical"),
      ...Array<string>(3).fill("major"),
      ...Array<string>(3).fill("moderate"),
      ...Array<string>(3).fill("minor"),
      ...Array<string>(2).fill("none"),
    ]);
    expect(rows.slice(0, 3).map(({ name }) => name)).toEqual(["Condition 0", "Condition 5", "Condition 10"]);
    expect(counts).toMatchObject({ open: 14, acknowledged: 0, snoozed: 0 });
  });

  it("is filtered by severity, client, asset, owner, state and words", async () => {
    const names = async (query: string) => (await inbox(query)).rows.map(({ name }) => name);
    expect(await names("severity=major")).toEqual(["Condition 1", "Condition 6", "Condition 11"]);
    expect(await names(`asset=${assetId}`)).toEqual(["Condition 0"]);
    const [asset] = await web.database.db
      .select()
      .from(assets)
      .where(sql`id = ${assetId}`);
    expect(await names(`client=${asset!.clientId}`)).toEqual(["Condition 0"]);
    expect(await names("client=none")).toHaveLength(13);
    expect(await names("owner=me")).toEqual([]);
    expect(await names("owner=none")).toHaveLength(14);
    expect(await names("state=resolved")).toEqual(["Condition 14"]);
    expect(await names("state=all")).toHaveLength(15);
    expect(await names("q=host-7")).toEqual(["Condition 7"]);
    expect(await names("q=harborl")).toEqual(["Condition 0"]);
  });

  it("acknowledges, takes, snoozes, resolves and reopens selected incidents, with a note and the person's name", async () => {
    const [first, second] = (await inbox()).rows;
    const incident = [first!.id, second!.id];
    const as = ours.as.technician;
    expect((await post(as, { intent: "acknowledge", incident })).status).toBe(303);
    expect(await stateOf(first!.id)).toMatchObject({
      state: "acknowledged",
      acknowledgedBy: ours.users.technician.id,
    });
    const acknowledged = await queryRows(
      web.database.db,
      sql`select id from rmm_alerts where tenant_id = ${ours.id} and acknowledged_at is not null`,
    );
    expect(acknowledged, "their alerts, too").toHaveLength(2);
    await post(as, { intent: "own", incident: [first!.id] });
    expect(await stateOf(first!.id)).toMatchObject({ ownerId: ours.users.technician.id });
    await post(as, { intent: "snooze", hours: "24", incident });
    expect((await inbox()).rows).toHaveLength(12);
    expect((await inbox("state=snoozed")).rows).toHaveLength(2);
    await post(as, { intent: "reopen", incident });
    await post(as, { intent: "resolve", incident });
    expect(await stateOf(second!.id)).toMatchObject({ state: "resolved" });
    // The alert is still active: without a new one the incident stays closed.
    await formIncidents({ db: web.database.db, clock: () => new Date(), nudge: () => {} });
    expect(await stateOf(second!.id)).toMatchObject({ state: "resolved" });
    const entries = await web.database.db
      .select()
      .from(incidentEntries)
      .where(sql`incident_id = ${second!.id} and actor is not null`)
      .orderBy(incidentEntries.id);
    expect(entries.map(({ kind }) => kind)).toEqual([
      "person_acknowledged",
      "person_snoozed",
      "person_reopened",
      "person_resolved",
    ]);
    const audited = await web.database.db
      .select()
      .from(auditLog)
      .where(sql`tenant_id = ${ours.id}`);
    expect(audited.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        "incident.acknowledged",
        "incident.owned",
        "incident.snoozed",
        "incident.resolved",
      ]),
    );
  });

  it("lets a viewer change nothing", async () => {
    const [first] = (await inbox()).rows;
    expect((await post(ours.as.viewer, { intent: "acknowledge", incident: [first!.id] })).status).toBe(403);
  });

  it("uses as many statements for a few as for many, and shows many page by page", async () => {
    const few = await countStatements(web, ours.as.viewer, "/alerts");
    await web.database.db.execute(sql`
      insert into incidents (id, tenant_id, integration_id, name, severity, severity_rank, opened_at, last_alert_at, active_count)
      select gen_random_uuid(), i.tenant_id, i.integration_id, 'More ' || n, 'minor', 3, now() - n * interval '1 second', now(), 1
      from (select * from incidents where tenant_id = ${ours.id} limit 1) i, generate_series(1, 120) n`);
    expect(await countStatements(web, ours.as.viewer, "/alerts")).toBe(few);
    const seen: string[] = [];
    let after = "";
    do {
      const { rows, next } = await inbox(after === "" ? "" : `after=${after}`);
      seen.push(...rows.map(({ id }) => id));
      after = next ?? "";
    } while (after !== "");
    expect(seen).toHaveLength(134);
    expect(new Set(seen).size).toBe(134);
  });

  it("is downloaded with its filters", async () => {
    const response = await ours.as.viewer.get("/incidents.csv?severity=critical");
    const lines = (await response.text()).trim().split(/\r?\n/);
    expect(lines[0]).toContain("incident,client");
    expect(lines).toHaveLength(4);
  });
});

describe("the page of an incident", () => {
  it("shows its alerts and what happened, and takes comments", async () => {
    const [first] = (await inbox()).rows;
    const path = `/alerts/incidents/${first!.id}`;
    const page = await (await ours.as.viewer.get(path)).text();
    expect(page).toContain("Condition 0");
    expect(page).toContain("Opened with severity critical");
    expect(page).toContain("HRB-1");
    await ours.as.technician.post(path, { intent: "comment", text: "Called the client" });
    expect(await (await ours.as.viewer.get(path)).text()).toContain("Called the client");
    expect((await ours.as.technician.post(path, { intent: "comment", text: "  " })).status).toBe(422);
  });

  it("does not exist for another tenant", async () => {
    const [first] = (await inbox()).rows;
    const theirs = await web.tenant();
    expect((await theirs.as.admin.get(`/alerts/incidents/${first!.id}`)).status).toBe(404);
  });

  it("redirects to the incident that it was merged into", async () => {
    const [first, second] = (await inbox()).rows;
    await web.database.db.execute(
      sql`update incidents set merged_into_id = ${second!.id} where id = ${first!.id}`,
    );
    const response = await ours.as.viewer.get(`/alerts/incidents/${first!.id}`);
    expect(response.headers.get("Location")).toBe(`/alerts/incidents/${second!.id}`);
  });
});
