import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { assets, auditLog } from "@db/schema";

import { createAsset, createClient, createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let acme: string;
let beta: string;
let ids: Record<string, string>;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

/** Two machines that an RMM lists, and two that somebody added by hand. */
beforeEach(async () => {
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  acme = (await createClient(db, { tenantId, name: "Acme" })).id;
  beta = (await createClient(db, { tenantId, name: "Beta" })).id;
  const connection = await createIntegration(db, { tenantId });
  ids = {};
  for (const name of ["PC-1", "PC-2", "PRINTER", "SCALE"]) {
    ids[name] = (await createAsset(db, { tenantId, name, clientId: name === "PC-2" ? beta : acme })).id;
    if (!name.startsWith("PC")) continue;
    await db.execute(sql`
      insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
        asset_id, display_name, content_hash, observed_at)
      values (gen_random_uuid(), ${tenantId}, ${connection.id}, 'levelio', ${name}, ${ids[name]}, '', '', now())`);
  }
});

const PATH = "/assets?index&_data=routes%2F_app.assets._index";

interface Answer {
  preview?: { assets: number; names: string[]; client: string | null; leftOut: Record<string, number> };
  errors?: { form?: string };
}

async function send(fields: Record<string, string | string[]>, query = "") {
  const response = await tenant.as.admin.post(`${PATH}${query}`, fields);
  const isJson = response.headers.get("Content-Type")?.includes("json") === true;
  return {
    status: response.status,
    to: response.headers.get("X-Remix-Redirect"),
    ...(isJson ? ((await response.json()) as Answer) : {}),
  };
}

const stored = async (name: string) =>
  (await web.database.db.select().from(assets).where(eq(assets.id, ids[name]!)))[0];

const actions = async (name: string) =>
  (
    await web.database.db
      .select({ action: auditLog.action })
      .from(auditLog)
      .where(eq(auditLog.targetId, ids[name]!))
      .orderBy(auditLog.id)
  ).map(({ action }) => action);

describe("a change of many assets", () => {
  it("is previewed, then does what it said: a move to a client, which a person may undo", async () => {
    const move = { do: "move", to: beta, row: [ids["PC-1"]!, ids["PC-2"]!, ids["SCALE"]!] };
    const { preview } = await send({ intent: "bulk-preview", ...move });
    expect(preview).toMatchObject({
      assets: 2,
      names: ["PC-1", "SCALE"],
      client: "Beta",
      leftOut: { done: 1 },
    });
    expect((await stored("PC-1"))!.clientId).toBe(acme);

    const { to } = await send({ intent: "bulk", expected: "2", ...move });
    expect(await stored("PC-1")).toMatchObject({ clientId: beta, overriddenFields: ["client"] });
    expect(await actions("PC-1")).toEqual(["asset.moved"]);
    expect(await actions("PC-2")).toEqual([]);
    const at = new URL(to!, "http://x").searchParams.get("undo")!;
    expect(await (await tenant.as.admin.get(to!)).text()).toContain("together");

    // Undo leaves what was changed since.
    await web.database.db.execute(sql`update assets set client_id = null where id = ${ids["SCALE"]}`);
    await send({ intent: "bulk-undo", at });
    expect(await stored("PC-1")).toMatchObject({ clientId: acme, overriddenFields: [] });
    expect((await stored("SCALE"))!.clientId).toBeNull();
    expect(await actions("PC-1")).toEqual(["asset.moved", "asset.change_undone", "asset.moved"]);
    await send({ intent: "bulk-undo", at });
    expect((await stored("PC-1"))!.clientId).toBe(acme);
  });

  it("includes everything that the filter finds, on any page", async () => {
    const all = { do: "move", to: beta, all: "on" };
    const { preview } = await send({ intent: "bulk-preview", ...all }, "&q=pc");
    expect(preview).toMatchObject({ assets: 1, leftOut: { done: 1 } });
    await send({ intent: "bulk", expected: "1", ...all }, "&q=pc");
    expect((await stored("PC-1"))!.clientId).toBe(beta);
    expect((await stored("SCALE"))!.clientId).toBe(acme);
  });

  it("is refused if it would do something else by now", async () => {
    const move = { do: "move", to: beta, all: "on" };
    const { status, errors } = await send({ intent: "bulk", expected: "2", ...move });
    expect(status).toBe(409);
    expect(errors!.form).toBe(
      "3 assets would change by now, which is not what you were shown. Nothing was changed.",
    );
    expect((await stored("PC-1"))!.clientId).toBe(acme);
    const archived = await createClient(web.database.db, { tenantId: tenant.id, archivedAt: new Date() });
    expect((await send({ intent: "bulk-preview", ...move, to: archived.id })).errors!.form).toContain(
      "archived",
    );
  });

  it("retires and removes only assets that were added by hand", async () => {
    const row = [ids["PC-1"]!, ids["PRINTER"]!];
    const { preview } = await send({ intent: "bulk-preview", do: "retire", row });
    expect(preview).toMatchObject({ assets: 1, names: ["PRINTER"], leftOut: { device: 1 } });
    const { to } = await send({ intent: "bulk", do: "retire", expected: "1", row });
    expect((await stored("PRINTER"))!.status).toBe("retired");
    expect((await stored("PC-1"))!.status).toBe("active");
    await send({ intent: "bulk-undo", at: new URL(to!, "http://x").searchParams.get("undo")! });
    expect(await stored("PRINTER")).toMatchObject({ status: "active", retiredAt: null });

    await send({ intent: "bulk", do: "remove", expected: "1", row });
    expect(await stored("PRINTER")).toBeUndefined();
    expect(await stored("PC-1")).toBeDefined();
    expect((await actions("PRINTER")).at(-1)).toBe("asset.removed");
  });

  it("marks assets as needing no agent, and refreshes those that an RMM lists", async () => {
    const row = Object.values(ids);
    await send({ intent: "bulk", do: "exempt", expected: "2", row });
    expect((await stored("SCALE"))!.needsNoAgent).toBe(true);
    expect((await stored("PC-1"))!.needsNoAgent).toBe(false);
    await send({ intent: "bulk", do: "unexempt", expected: "2", row });
    expect((await stored("SCALE"))!.needsNoAgent).toBe(false);
    expect(await actions("SCALE")).toEqual(["asset.exempted", "asset.unexempted"]);

    await send({ intent: "bulk-refresh", do: "refresh", expected: "2", row });
    const runs = await queryRows<{ device: string }>(
      web.database.db,
      sql`select target_external_id as device from rmm_sync_runs where tenant_id = ${tenant.id} order by 1`,
    );
    expect(runs.map(({ device }) => device)).toEqual(["PC-1", "PC-2"]);
    expect((await send({ intent: "bulk", do: "refresh", expected: "2", row })).status).toBe(400);
  });

  it("reaches no other tenant's assets", async () => {
    const mine = ids["PC-1"]!;
    const other = await web.tenant();
    const response = await other.as.admin.post(PATH, {
      intent: "bulk",
      do: "move",
      to: "",
      expected: "0",
      row: mine,
    });
    expect(response.status).toBeLessThan(400);
    expect((await stored("PC-1"))!.clientId).toBe(acme);
  });
});
