import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createAsset, createClient, createIntegration, createUser } from "@tests/support/factories";
import { createWebWorld, type Browser, type FormFields, type WebWorld } from "@tests/support/web";

/** Every form that replaces stored values, open in the tabs of two administrators. */
let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let mine: Browser;
let theirs: Browser;
let ids: { client: string; asset: string; connection: string; person: string };
const OTHER = "the-other-administrator@example.com";

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  mine = tenant.as.admin;
  theirs = await web.signedIn(await createUser(db, { tenantId, role: "admin", email: OTHER }));
  const client = await createClient(db, { tenantId, name: "Acme" });
  ids = {
    client: client.id,
    asset: (await createAsset(db, { tenantId, clientId: client.id, name: "PC-1" })).id,
    connection: (await createIntegration(db, { tenantId, label: "Head office" })).id,
    person: tenant.users.viewer.id,
  };
});
afterAll(() => web.close());

interface Form {
  name: string;
  page: () => string;
  /** The form whose version is meant, if the page has several. */
  intent: string;
  row?: () => string;
  /** What the two save, and text of the refusal. */
  theirs: () => FormFields;
  mine: () => FormFields;
  words: string;
}

const connectionPage = () => `/settings/integrations/levelio/${ids.connection}?index`;

const forms: Form[] = [
  {
    name: "a client's notes",
    page: () => `/clients/${ids.client}?edit=1`,
    intent: "change",
    theirs: () => ({ name: "Acme", notes: "Their VPN needs a code" }),
    mine: () => ({ name: "Acme", notes: "Call before noon" }),
    words: "Stored now: Their VPN needs a code",
  },
  {
    name: "the recipients of notifications",
    page: () => "/settings/notifications",
    intent: "save-recipients",
    theirs: () => ({ recipients: "noc@example.com" }),
    mine: () => ({ recipients: "me@example.com" }),
    words: "“noc@example.com”",
  },
  {
    name: "a connection's name",
    page: connectionPage,
    intent: "rename",
    theirs: () => ({ label: "Branch office" }),
    mine: () => ({ label: "My office" }),
    words: "“Branch office”",
  },
  {
    name: "a connection's schedule",
    page: connectionPage,
    intent: "schedule",
    theirs: () => ({ enabled: "on", minutes: "240", alertsMinutes: "30" }),
    mine: () => ({ enabled: "on", minutes: "720", alertsMinutes: "30" }),
    words: "interval of the full sync",
  },
  {
    name: "the days until an asset is retired",
    page: connectionPage,
    intent: "grace",
    theirs: () => ({ graceDays: "30" }),
    mine: () => ({ graceDays: "3" }),
    words: "days until an asset is retired",
  },
  {
    name: "the promise of freshness",
    page: connectionPage,
    intent: "promise",
    theirs: () => ({ promised: "on", percent: "80", hours: "4" }),
    mine: () => ({ promised: "on", percent: "90", hours: "6" }),
    words: "promised share of devices",
  },
  {
    name: "a person's role",
    page: () => "/settings/people",
    intent: "change-role",
    row: () => ids.person,
    theirs: () => ({ userId: ids.person, role: "technician" }),
    mine: () => ({ userId: ids.person, role: "admin" }),
    words: "changed the role meanwhile",
  },
  {
    name: "an asset",
    page: () => `/assets/${ids.asset}/edit`,
    intent: "edit",
    theirs: () => ({ name: "Reception", type: "workstation", client: ids.client, location: "", notes: "" }),
    mine: () => ({ name: "Front desk", type: "workstation", client: ids.client, location: "", notes: "" }),
    words: "changed the name",
  },
];

/** The version in the form of this intent (and this person), as on the page. */
function versionIn(html: string, { intent, row }: Form): string {
  const candidates = html
    .split("<form")
    .filter((form) => form.includes(`value="${intent}"`) && form.includes('name="version"'))
    .filter((form) => row === undefined || form.includes(row()));
  return /name="version" value="([^"]*)"/.exec(candidates[0] ?? "")?.[1] ?? "";
}

describe("two administrators with the same form open", () => {
  it.each(forms)("overwrite nothing of each other and see who changed what: $name", async (form) => {
    const address = form.page();
    const shown = versionIn(await (await mine.get(address)).text(), form);
    expect(shown).not.toBe("");

    const saved = await theirs.post(address, { intent: form.intent, version: shown, ...form.theirs() });
    expect(saved.status).toBe(303);
    const late = await mine.post(address, { intent: form.intent, version: shown, ...form.mine() });
    expect(late.status).toBe(409);
    const page = await late.text();
    expect(page).toContain(`${OTHER} changed the`);
    expect(page).toContain(form.words);

    // The refusal shows the stored values, so saving again is deliberate.
    const seen = versionIn(page, form);
    const again = await mine.post(address, { intent: form.intent, version: seen, ...form.mine() });
    expect(again.status).toBe(303);
  });

  it("may both save the same", async () => {
    const address = `/clients/${ids.client}?edit=1`;
    const shown = versionIn(await (await mine.get(address)).text(), forms[0]!);
    const form = { intent: "change", version: shown, name: "Acme", notes: "The same words" };
    expect((await theirs.post(address, form)).status).toBe(303);
    expect((await mine.post(address, form)).status).toBe(303);
  });
});
