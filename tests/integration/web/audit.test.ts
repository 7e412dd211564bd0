import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { audit, findLastAudit } from "@db/queries/audit/audit";
import { systemActor } from "@domain/actor";
import type { AuditAction } from "@domain/audit-actions";
import { createAsset, createClient } from "@tests/support/factories";
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
  const things = ["client.renamed", "client.created", "clientele.counted", "asset.moved"];
  const entries = Array.from({ length: ENTRIES }, (_, n) => ({
    action: things[n % things.length]! as AuditAction,
    targetType: "client",
    targetId: `target-${n % 3}`,
    details: { n },
  }));
  const person = (n: number) => ({ userId: null, name: `person-${n}@example.com`, ip: "192.0.2.7" });
  const { db } = web.database;
  await audit(db, tenantId, person(0), ...entries.slice(0, -1));
  await audit(db, tenantId, person(ENTRIES - 1), entries.at(-1)!);
  await audit(db, other.id, person(0), { action: "secret.told" as AuditAction, details: { n: 0 } });
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
  ])("is filtered by an action or its record: %s", async (action, expected) => {
    const { entries } = await load(`&action=${action}`);
    expect([...new Set(entries.map((entry) => entry.action))].sort()).toEqual(expected);
  });

  it("shows the network address, even if its column does not fit", async () => {
    const html = await (await admin.get("/settings/audit?q=person-249")).text();
    expect(html).toMatch(/from (<!-- -->)?192\.0\.2\.7/);
  });

  it("shows who last changed a record", async () => {
    const last = (action: string, targetId: string) =>
      withTenant(web.database.db, tenantId, (tx) =>
        findLastAudit(tx, tenantId, { actions: [action], targetId }),
      );
    expect((await last("client.renamed", "target-1"))?.details).toEqual({ n: 244 });
    expect(await last("client.renamed", "nobody")).toBeUndefined();
  });
});

describe("an entry of the audit log", () => {
  const page = async (actor: string) => {
    const html = await (await admin.get(`/settings/audit?q=${actor}`)).text();
    return {
      html,
      text: html
        .replace(/<!-- -->/g, "")
        .replace(/<[^>]+>/g, "")
        .replace(/&#x27;/g, "'"),
    };
  };

  it("is a sentence with names and a link, with its details behind a disclosure", async () => {
    const client = await createClient(web.database.db, { tenantId, name: "Borealis GmbH" });
    const asset = await createAsset(web.database.db, {
      tenantId,
      clientId: client.id,
      name: "FRONT-DESK-01",
    });
    await audit(web.database.db, tenantId, systemActor("mover@example.com"), {
      action: "asset.moved",
      targetType: "asset",
      targetId: asset.id,
      details: { name: "FORMER-NAME", from: "Acme", to: "Borealis GmbH" },
    });
    const { html, text } = await page("mover");
    expect(text).toContain("mover@example.com moved FRONT-DESK-01 from Acme to Borealis GmbH");
    expect(html).toMatch(new RegExp(`href="/assets/${asset.id}"[^>]*>FRONT-DESK-01<`));
    expect(html).toContain("<summary");
  });

  it("names a deleted record by its last name, or as deleted, and links to nothing", async () => {
    const gone = {
      action: "client.archived",
      targetType: "client",
    } as const;
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    await audit(
      web.database.db,
      tenantId,
      systemActor("remover@example.com"),
      { ...gone, targetId: first, details: { name: "Last Known Ltd" } },
      { ...gone, targetId: second },
    );
    const { html, text } = await page("remover");
    expect(text).toContain("remover@example.com archived the client Last Known Ltd");
    expect(text).toContain("remover@example.com archived a deleted client");
    expect(html).not.toContain(`/clients/${first}`);
  });

  it("says how many held changes a person approved", async () => {
    await audit(web.database.db, tenantId, systemActor("decider@example.com"), {
      action: "held.approved",
      targetType: "integration",
      targetId: crypto.randomUUID(),
      details: { removals: 0, moves: 0, renames: 531 },
    });
    expect((await page("decider")).text).toContain(
      "decider@example.com approved 531 renames of a deleted connection",
    );
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
