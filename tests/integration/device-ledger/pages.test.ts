import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { recordLedger } from "@db/queries/device-ledger/record";
import { createAsset, createClient } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type WebWorld } from "@tests/support/web";

const NOW = new Date("2026-11-28T12:00:00Z");

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let clientId: string;

beforeAll(async () => {
  web = await createWebWorld();
  web.setNow(NOW);
  tenant = await web.tenant();
  const { db } = web.database;
  clientId = (await createClient(db, { tenantId: tenant.id, name: "Acme" })).id;
  for (const [name, at] of [
    ["PC-1", "2026-10-20T00:00:00Z"],
    ["PC-2", "2026-10-31T00:00:00Z"],
    ["PC-3", "2026-11-05T00:00:00Z"],
  ] as const) {
    await createAsset(db, { tenantId: tenant.id, clientId, name });
    await withTenant(db, tenant.id, (tx) => recordLedger(tx, tenant.id, new Date(at)));
  }
});
afterAll(() => web.close());

const text = async (path: string) => (await tenant.as.viewer.get(path)).text();

describe("the page of device counts", () => {
  it("says what changed since a day, with names", async () => {
    const html = await text("/clients/counts?since=2026-10-31");
    expect(html.replaceAll("<!-- -->", "")).toContain("1 device before, 2 joined, 0 left: 3 now.");
    expect(html).toContain("PC-3");
    expect(html).toContain("PC-2");
    expect(html).not.toContain("PC-1");
    expect(await text("/clients/counts")).not.toContain("PC-2");
  });

  it("shows this month for an invalid day, and everything in files", async () => {
    for (const since of ["yesterday", "2026-13-01", "2026-02-30", "%00"])
      expect(
        (await tenant.as.viewer.get(`/clients/counts?since=${since}&client=x&type=y&before=-1`)).status,
      ).toBe(200);
    expect((await text("/clients/counts.csv?month=2026-10")).trim().split("\r\n").length).toBeGreaterThan(0);
    const lines = (await text("/clients/counts.csv?month=2026-10")).trim().split("\n");
    expect(lines.slice(1)).toEqual([
      `2026-10-20,${clientId},Acme,workstation,1`,
      `2026-10-31,${clientId},Acme,workstation,2`,
    ]);
    const changes = (await text("/clients/changes.csv?since=2026-10-31")).trim().split("\n");
    expect(changes).toHaveLength(3);
    expect(changes[1]).toMatch(/^2026-11-05,.*,PC-3,Acme,workstation,1,added,$/);
  });

  it("locks a past month, once, and no other", async () => {
    const lock = (month: string) => tenant.as.admin.post("/clients/counts", { intent: "lock", month });
    expect((await lock("2026-11-01")).status).toBe(409);
    expect((await lock("2026-09-01")).status).toBe(409);
    expect((await lock("2026-10-01")).status).toBe(303);
    expect((await lock("2026-10-01")).status).toBe(409);
    expect(await text("/clients/counts")).toContain("Locked by");
    expect(
      (await tenant.as.viewer.post("/clients/counts", { intent: "lock", month: "2026-10-01" })).status,
    ).toBe(403);
  });

  it("takes the same number of statements, however many devices there are", async () => {
    const before = await countStatements(web, tenant.as.viewer, "/clients/counts");
    for (let i = 0; i < 30; i++)
      await createAsset(web.database.db, {
        tenantId: tenant.id,
        clientId: (await createClient(web.database.db, { tenantId: tenant.id })).id,
      });
    await withTenant(web.database.db, tenant.id, (tx) => recordLedger(tx, tenant.id, NOW));
    expect(await countStatements(web, tenant.as.viewer, "/clients/counts")).toBe(before);
  });
});
