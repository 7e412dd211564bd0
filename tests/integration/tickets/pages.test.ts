import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { incidents } from "@db/schema";
import { ticketPresets } from "~/features/tickets/presets";

import { createClient, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
});
afterAll(() => web.close());

const zammad = {
  intent: "save",
  preset: "zammad",
  label: "Our helpdesk",
  address: "https://zammad.example.com",
  "field:group": "Users",
  "field:customer": "alerts@example.com",
  "secret:apiKey": "a-secret-token",
  automaticFrom: "major",
  waitMinutes: "2",
  onResolve: "close",
  requests: JSON.stringify(ticketPresets.zammad.requests),
};
const save = (changes: Record<string, string> = {}) =>
  tenant.as.admin.post("/settings/tickets", { ...zammad, ...changes });

async function createIncident(): Promise<string> {
  const { id: connectionId } = await createIntegration(web.app.db, { tenantId: tenant.id });
  const now = new Date();
  const row = { tenantId: tenant.id, connectionId, name: "Low disk space", openedAt: now, lastAlertAt: now };
  const [incident] = await web.app.db
    .insert(incidents)
    .values({ ...row, severity: "minor", severityRank: 3 })
    .returning();
  return incident!.id;
}

it("adds a ticket system, never shows its secret again, and keeps it if it is saved without one", async () => {
  expect((await save()).status).toBe(303);
  const [row] = await queryRows<{ id: string }>(web.app.db, sql`select id from ticket_systems`);
  const page = await (await tenant.as.admin.get("/settings/tickets")).text();
  expect(page).toContain("Our helpdesk");
  const form = await (await tenant.as.admin.get(`/settings/tickets?edit=${row!.id}`)).text();
  expect(form).toContain("alerts@example.com");
  expect(page + form).not.toContain("a-secret-token");
  const before = await queryRows(
    web.app.db,
    sql`select count(*)::int as n from tenant_secrets where name like 'tickets:%'`,
  );
  expect(before).toEqual([{ n: 1 }]);
  await save({ id: row!.id, label: "Renamed", "secret:apiKey": "" });
  expect(await (await tenant.as.admin.get("/settings/tickets")).text()).toContain("Renamed");
  expect((await tenant.as.technician.get("/settings/tickets")).status).toBe(403);
});

it.each([
  [{ address: "https://169.254.169.254/" }, "not on the open internet"],
  [{ requests: "{" }, "This is no JSON."],
  [
    { requests: JSON.stringify({ ...ticketPresets.zammad.requests, link: "{{{id}}}" }) },
    "put text in as it is",
  ],
  [{ "field:customer": "" }, "Fill this in."],
  [{ label: " " }, "Give it a name."],
])("says what is wrong with %o, and keeps what was entered except the secret", async (changes, text) => {
  const answer = await save(changes);
  expect(answer.status).toBe(422);
  const page = await answer.text();
  expect(page.replace(/&[^;]+;/g, "")).toContain(text);
  expect(page).not.toContain("a-secret-token");
});

it("opens a ticket for an incident when a technician asks, and says so on its page and in the inbox", async () => {
  const incidentId = await createIncident();
  const path = `/alerts/incidents/${incidentId}`;
  const [system] = await queryRows<{ id: string }>(web.app.db, sql`select id from ticket_systems`);
  const before = await (await tenant.as.technician.get(path)).text();
  expect(before.replace(/<!-- -->/g, "")).toContain("Open ticket in Renamed");
  expect(await (await tenant.as.viewer.get(path)).text()).not.toContain("Open ticket");
  const asked = await tenant.as.technician.post(path, { intent: "open_ticket", system: system!.id });
  expect(asked.status).toBe(303);
  const page = await (await tenant.as.viewer.get(path)).text();
  expect(page).toContain("Being opened");
  expect(page).toContain("asked for a ticket");

  const url = "https://zammad.example.com/#ticket/zoom/41";
  await web.app.db.execute(
    sql`update tickets set status = 'open', action = null, external_id = '41', number = '22041', url = ${url}`,
  );
  for (const where of [path, "/alerts"]) {
    const text = await (await tenant.as.viewer.get(where)).text();
    expect(text).toContain("22041");
    expect(text).toContain(url);
  }
});

it("asks a person about a ticket that may have been opened, and applies the answer", async () => {
  await web.app.db.execute(
    sql`update tickets set status = 'unknown', external_id = null, number = null, url = null`,
  );
  const [row] = await queryRows<{ id: string }>(web.app.db, sql`select incident_id as id from tickets`);
  const path = `/alerts/incidents/${row!.id}`;
  expect(await (await tenant.as.admin.get("/settings/tickets")).text()).toContain("Tickets that need you");
  expect(await (await tenant.as.technician.get(path)).text()).toContain("The ticket is there, its id is");
  await tenant.as.technician.post(path, { intent: "name_ticket", number: "41" });
  const rows = await queryRows(web.app.db, sql`select status, external_id as id from tickets`);
  expect(rows).toEqual([{ status: "open", id: "41" }]);
});

it("companies of clients are saved, imported from CSV and suggested, and none of another tenant's clients", async () => {
  await save({ label: "With companies" });
  const [system] = await queryRows<{ id: string }>(
    web.app.db,
    sql`select id from ticket_systems where tenant_id = ${tenant.id} and label = 'With companies'`,
  );
  const acme = await createClient(web.app.db, { tenantId: tenant.id, name: "Acme" });
  await createClient(web.app.db, { tenantId: tenant.id, name: "Zenith, Inc" });
  const theirs = await createClient(web.app.db, { tenantId: (await web.tenant()).id, name: "Theirs" });
  const page = `/settings/tickets/${system!.id}/companies`;
  const post = (fields: Record<string, string>) => tenant.as.admin.post(page, fields);
  const csv = async () => (await (await tenant.as.admin.get(`${page}.csv`)).text()).replace("\uFEFF", "");

  await post({ intent: "save", [`company:${acme.id}`]: " 12 ", [`company:${theirs.id}`]: "99" });
  expect(await csv()).toBe('client,company_id\nAcme,12\n"Zenith, Inc",\n');
  await post({ intent: "import", csv: 'client,company_id\nacme,\n"Zenith, Inc",34\n' });
  expect(await csv()).toBe('client,company_id\nAcme,\n"Zenith, Inc",34\n');

  expect(await (await post({ intent: "import", csv: "client,company_id\nNobody,1\n" })).text()).toContain(
    "Nobody",
  );
  expect(await (await post({ intent: "save", [`company:${acme.id}`]: '1, "status": 9' })).text()).toContain(
    "no quotes",
  );
  expect(await csv()).toBe('client,company_id\nAcme,\n"Zenith, Inc",34\n');
  const foreign = await queryRows(
    web.app.db,
    sql`select from ticket_companies where client_id = ${theirs.id}`,
  );
  expect(foreign).toEqual([]);
});
