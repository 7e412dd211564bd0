import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type WebWorld } from "@tests/support/web";
import { assetDetails, tenantExternalEntityMappings } from "@db/schema";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let clientIds: string[] | undefined;

/** Pages have 50 rows, so the last of three is not full. */
const ASSETS = 120;

beforeAll(async () => {
  web = await createWebWorld();
  tenant = await web.tenant();
  await addAssets(ASSETS);
});
afterAll(() => web.close());

/** Every third is a server, every second online, every fifth without a patch count; the last ten are gone. */
async function addAssets(n: number, suffix = ""): Promise<void> {
  const { db } = web.database;
  const tenantId = tenant.id;
  const integration = await createIntegration(db, { tenantId });
  const clients = [
    await createClient(db, { tenantId, name: `Beta${suffix}` }),
    await createClient(db, { tenantId, name: `Alpha${suffix}` }),
  ];
  clientIds ??= clients.map((client) => client.id);
  for (let i = 0; i < n; i++) {
    const isGone = i >= n - 10;
    const asset = await createAsset(db, {
      tenantId,
      clientId: i % 4 === 3 ? null : clients[i % 2]!.id,
      name: `PC-${String((i * 37) % n).padStart(3, "0")}`,
      assetType: i % 3 === 0 ? "server" : "workstation",
      serialNumber: `SERIAL${i}X`,
      status: isGone ? "gone" : "active",
    });
    await db.insert(assetDetails).values({
      assetId: asset.id,
      tenantId,
      pendingOsPatches: i % 5 === 0 ? null : i % 7,
      lanIp: `10.0.0.${i}`,
      lastLoggedInUser: `user${i}`,
      systemInfo: { hostname: `host-${i}.example` },
    });
    // Two accounts know each machine, and it is still one asset.
    for (const account of ["a", "b"]) {
      await db.insert(tenantExternalEntityMappings).values({
        tenantId,
        connectionId: integration.id,
        integrationType: "levelio",
        externalId: `${account}${i}`,
        assetId: asset.id,
        displayName: asset.name,
        contentHash: "x",
        agentStatus: i % 2 === 0 ? "online" : "offline",
        lastSeenAt: new Date(Date.UTC(2026, 0, 1, 0, i)),
        observedAt: new Date(),
        goneAt: isGone ? new Date() : null,
      });
    }
  }
  // Without statistics a list of 120 assets takes six times as long.
  await db.execute(sql`analyze`);
}

interface Row {
  id: string;
  name: string;
  client: string | null;
  patches: number | null;
  lastSeenAt: string;
  agentStatus: string;
}

interface Page {
  rows: Row[];
  total: number;
  previous?: string;
  next?: string;
}

async function list(query: string): Promise<Page> {
  const response = await tenant.as.viewer.get(`/assets?index&_data=routes%2F_app.assets._index&${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}

async function wholeList(query: string): Promise<Row[]> {
  const pages = await Promise.all([1, 2, 3].map((page) => list(`${query}&page=${page}`)));
  return pages.flatMap(({ rows }) => rows);
}

describe("the list of assets", () => {
  it("shows each asset once over its pages, in each order", async () => {
    for (const sort of ["name", "client", "patches", "seen"]) {
      const rows = await wholeList(`state=all&sort=${sort}`);
      expect(new Set(rows.map((row) => row.id)).size, sort).toBe(ASSETS);
      expect(rows, sort).toHaveLength(ASSETS);
    }
  });

  it("is in the requested order", async () => {
    const names = (await wholeList("state=all&sort=name")).map((row) => row.name);
    expect(names).toEqual([...names].sort());
    const patches = (await wholeList("state=all&sort=patches")).map((row) => row.patches ?? -1);
    expect(patches).toEqual([...patches].sort((a, b) => b - a));
    const seen = (await wholeList("state=all&sort=seen")).map((row) => row.lastSeenAt);
    expect(seen).toEqual([...seen].sort().reverse());
    const clients = (await wholeList("state=all&sort=client")).map((row) => row.client ?? "~");
    expect(clients).toEqual([...clients].sort());
  });

  it.each(["", "&order=reverse"])("goes by client from page to page and back%s", async (reverse) => {
    const whole = await wholeList(`state=all&sort=client${reverse}`);
    const order = (a: Row, b: Row) => {
      if (a.client === null || b.client === null)
        return Number(a.client === null) - Number(b.client === null);
      return (reverse === "" ? 1 : -1) * a.client.localeCompare(b.client);
    };
    const isByName = (a: Row, b: Row) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    const names = (rows: Row[]) => rows.map(({ name, client }) => `${client}: ${name}`);
    expect(names(whole)).toEqual(names([...whole].sort((a, b) => order(a, b) || isByName(a, b))));
    const ids = (rows: Row[]) => rows.map(({ id }) => id);
    const seen: Row[] = [];
    let page = await list(`state=all&sort=client${reverse}`);
    while (page.next !== undefined) {
      seen.push(...page.rows);
      page = await list(`state=all&sort=client${reverse}&after=${page.next}`);
    }
    expect(ids([...seen, ...page.rows])).toEqual(ids(whole));
    const last = await list(`state=all&sort=client${reverse}&page=last`);
    expect(ids(last.rows)).toEqual(ids(whole.slice(-last.rows.length)));
    const before = await list(`state=all&sort=client${reverse}&before=${last.previous!}`);
    expect(ids(before.rows)).toEqual(ids(whole.slice(0, -last.rows.length).slice(-before.rows.length)));
  });

  it.each([
    ["", 110],
    ["state=all", 120],
    ["state=gone", 10],
    ["state=online", 55],
    ["state=offline", 55],
    ["type=server", 37],
    ["client=none", 27],
    ["q=SERIAL7x", 1],
    ["q=10.0.0.7", 11],
    ["q=user7", 11],
    ["q=host-7.", 1],
    ["q=pc-00&state=all", 10],
  ])("finds with “%s” %d", async (query, total) => {
    expect((await list(query)).total).toBe(total);
  });

  it("finds those of a client", async () => {
    const { rows, total } = await list(`client=${clientIds![0]}&state=all`);
    expect(total).toBe(60);
    expect(new Set(rows.map((row) => row.client))).toEqual(new Set(["Beta"]));
  });
});

describe("the overview", () => {
  it("counts each asset once, whoever knows it", async () => {
    const response = await tenant.as.viewer.get("/?index&_data=routes%2F_app._index");
    const { fleet, clients } = (await response.json()) as {
      fleet: Record<string, number>;
      clients: { name: string; assets: number }[];
    };
    expect(fleet).toMatchObject({
      assets: 110,
      servers: 37,
      online: 55,
      withoutClient: 0,
    });
    expect(clients).toMatchObject([
      { name: "Beta", assets: 55 },
      { name: "Alpha", assets: 28 },
    ]);
  });
});

describe("a page", () => {
  it("uses as many statements for 120 assets as for 1,000", async () => {
    const paths = [
      "/",
      "/assets",
      "/assets?sort=seen&q=pc",
      "/clients",
      `/clients/${clientIds![0]}`,
      "/runs",
      "/settings/audit",
    ];
    const countAll = async () => {
      const counts: number[] = [];
      for (const path of paths) counts.push(await countStatements(web, tenant.as.admin, path));
      return counts;
    };
    const before = await countAll();
    await addAssets(1000 - ASSETS, " II");
    expect(await countAll()).toEqual(before);
    // The asset list needs the most: fourteen, one of them for the custom fields that may be columns.
    expect(Math.max(...before)).toBeLessThan(15);
  });
});
