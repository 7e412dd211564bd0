import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { findLastAudit, recordAudits } from "@db/queries/audit/audit";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let admin: Browser;
let tenantId: string;

const ENTRIES = 250;

beforeAll(async () => {
  web = await createWebWorld();
  const tenant = await web.tenant();
  const other = await web.tenant();
  admin = tenant.as.admin;
  tenantId = tenant.id;
  const entry = (action: string, n: number) => ({
    tenantId,
    actor: `person-${n}@example.com`,
    action,
    targetType: "client",
    targetId: `target-${n % 3}`,
    details: { n },
    ip: "192.0.2.7",
  });
  const things = ["client.renamed", "client.created", "clientele.counted", "asset.moved"];
  await recordAudits(
    web.database.db,
    Array.from({ length: ENTRIES }, (_, n) => entry(things[n % things.length]!, n)),
  );
  await recordAudits(web.database.db, [{ ...entry("secret.told", 0), tenantId: other.id }]);
  await web.database.db.execute(sql`analyze audit_log`);
});
afterAll(() => web.close());

interface Page {
  entries: { action: string; details: { name: string; value: string }[] }[];
  next: string | null;
  actions: string[];
}

const load = async (query = "") => {
  const route = encodeURIComponent("routes/_app.settings.audit");
  return (await (await admin.get(`/settings/audit?_data=${route}${query}`)).json()) as Page;
};
const numbers = ({ entries }: Page) =>
  entries.map(({ details }) => Number(details.find(({ name }) => name === "n")!.value));

describe("the audit log", () => {
  it("is read from the newest entry to the oldest, page by page", async () => {
    const seen: number[] = [];
    let page = await load();
    for (; page.next !== null; page = await load(`&before=${page.next}`)) seen.push(...numbers(page));
    seen.push(...numbers(page));
    expect(seen).toEqual(Array.from({ length: ENTRIES }, (_, n) => ENTRIES - 1 - n));
  });

  it("offers each action that occurs once, and none of another tenant", async () => {
    expect((await load()).actions).toEqual([
      "asset.moved",
      "client.created",
      "client.renamed",
      "clientele.counted",
    ]);
  });

  it.each([
    ["asset.moved", ["asset.moved"]],
    ["client", ["client.created", "client.renamed"]],
    ["nothing", []],
    ["secret.told", []],
  ])("is narrowed by an action or its thing: %s", async (action, expected) => {
    const { entries } = await load(`&action=${action}`);
    expect([...new Set(entries.map((entry) => entry.action))].sort()).toEqual(expected);
  });

  it("says from where, also where the column does not fit", async () => {
    const html = await (await admin.get("/settings/audit?q=person-249")).text();
    expect(html).toMatch(/from (<!-- -->)?192\.0\.2\.7/);
  });

  it("tells who did something to a thing last", async () => {
    const last = (action: string, targetId: string) =>
      withTenant(web.database.db, tenantId, (tx) =>
        findLastAudit(tx, tenantId, { actions: [action], targetId }),
      );
    expect((await last("client.renamed", "target-1"))?.details).toEqual({ n: 244 });
    expect(await last("client.renamed", "nobody")).toBeUndefined();
  });
});

describe("what was done", () => {
  it.each([
    ["changed", sql`update audit_log set actor = 'nobody'`],
    ["removed", sql`delete from audit_log`],
    ["emptied", sql`truncate audit_log`],
  ])("cannot be %s by anybody who acts for a tenant", async (_, statement) => {
    const tampering = withTenant(web.database.db, tenantId, (tx) => tx.execute(statement));
    await expect(tampering).rejects.toMatchObject({ cause: { code: "42501" } });
  });
});
