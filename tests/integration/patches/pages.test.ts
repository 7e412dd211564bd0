import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { assetDetails, ledgerDays, rmmDeviceUpdates, tenantExternalEntityMappings } from "@db/schema";
import { DAY_MS } from "@domain/durations";
import { createAsset, createClient, createIntegration } from "@tests/support/factories";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type WebWorld } from "@tests/support/web";

const NOW = new Date("2026-11-28T12:00:00Z");
const ago = (days: number) => new Date(NOW.getTime() - days * DAY_MS);

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let clientIds: string[];
let connectionId: string;

beforeAll(async () => {
  web = await createWebWorld();
  web.setNow(NOW);
  tenant = await web.tenant();
  const { db } = web.database;
  const tenantId = tenant.id;
  connectionId = (await createIntegration(db, { tenantId })).id;
  clientIds = [
    (await createClient(db, { tenantId, name: "Acme" })).id,
    (await createClient(db, { tenantId, name: "Beta" })).id,
  ];
  await addDevices(120);
});
afterAll(() => web.close());

/** Each device waits for “Common”, and for one of its own; every fourth is a server; device i waits for i days. */
async function addDevices(n: number, first = 0): Promise<void> {
  const { db } = web.database;
  const tenantId = tenant.id;
  for (let i = first; i < first + n; i++) {
    const asset = await createAsset(db, {
      tenantId,
      clientId: clientIds[i % 2]!,
      name: `PC-${i}`,
      assetType: i % 4 === 0 ? "server" : "workstation",
    });
    await db.insert(assetDetails).values({
      assetId: asset.id,
      tenantId,
      pendingOsPatches: 2,
      pendingSince: ago(i),
      pendingCategories: { "Security Updates": ago(i).getTime(), "": ago(i).getTime() },
    });
    await db.insert(tenantExternalEntityMappings).values({
      tenantId,
      connectionId,
      integrationType: "levelio",
      externalId: `d${i}`,
      assetId: asset.id,
      displayName: asset.name,
      contentHash: "x",
      observedAt: NOW,
    });
    const update = { tenantId, connectionId, externalDeviceId: `d${i}`, contentHash: "x", observedAt: NOW };
    await db.insert(rmmDeviceUpdates).values([
      {
        ...update,
        externalUpdateId: `common-${i}`,
        name: "Common",
        category: "Security Updates",
        kbIds: ["KB1"],
        createdAt: ago(200),
        availableSince: ago(i),
      },
      {
        ...update,
        externalUpdateId: `own-${i}`,
        name: `Own ${i}`,
        createdAt: ago(i),
        availableSince: ago(i),
      },
    ]);
  }
  // Without statistics the planner expects hardly any row, and a page takes several times as long.
  await db.execute(sql`analyze`);
}

interface List {
  rows: { key: string; id: string; name: string; devices: number; patches: number }[];
  total: number;
  next: string | null;
}

async function read(path: string, route: string, query = ""): Promise<List> {
  const index = route.endsWith("_index") ? "index&" : "";
  const response = await tenant.as.viewer.get(`${path}?${index}_data=${encodeURIComponent(route)}&${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as List;
}
const byUpdate = (query = "") => read("/patches", "routes/_app.patches._index", query);
const byDevice = (query = "") => read("/patches/devices", "routes/_app.patches.devices", query);
const ofPatch = (key: string, query = "") => read(`/patches/${key}`, "routes/_app.patches.$patchKey", query);

async function wholeList(list: (query: string) => Promise<List>, query: string) {
  const rows: List["rows"] = [];
  for (let after = ""; ;) {
    const page = await list(`${query}&after=${after}`);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
}

describe("the patches by update", () => {
  it("names each update once over its pages, in each order and its reverse", async () => {
    for (const sort of ["devices", "oldest", "seen", "name"]) {
      const rows = await wholeList(byUpdate, `sort=${sort}`);
      expect(new Set(rows.map(({ key }) => key)).size, sort).toBe(121);
      const reversed = await wholeList(byUpdate, `sort=${sort}&order=reverse`);
      expect(reversed.map(({ key }) => key)).toEqual(rows.map(({ key }) => key).reverse());
    }
    const names = (await wholeList(byUpdate, "sort=name")).map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual(["Common", "Own 0", "Own 1", "Own 2"]);
  });

  it("counts the devices of the list behind each number, whatever the filters", async () => {
    for (const filter of [
      "",
      "type=server",
      "age=30",
      `client=${clientIds[0]}`,
      `client=${clientIds[1]}&age=90`,
    ]) {
      const { rows } = await byUpdate(filter);
      const common = rows.find(({ name }) => name === "Common")!;
      expect(common.devices, filter).toBe((await ofPatch(common.key, filter)).total);
      expect(common.devices, filter).toBe((await wholeList((q) => ofPatch(common.key, q), filter)).length);
    }
  });

  it.each([
    ["q=common", 1],
    ["q=kb1", 1],
    ["q=own", 120],
    ["category=Security%20Updates", 1],
    ["category=none", 120],
    ["age=90", 31],
    ["type=server", 31],
  ])("finds with “%s” %d", async (query, total) => {
    expect((await byUpdate(query)).total).toBe(total);
  });

  it("shows the first page for an invalid place", async () => {
    const place = (value: string, id = "x") =>
      Buffer.from(JSON.stringify(["patches:devices", value, id])).toString("base64url");
    for (const after of [
      "",
      "%00",
      "e30",
      place("many"),
      place("'; drop"),
      place("2026-99-99 00:00:00+00"),
    ]) {
      for (const sort of ["devices", "oldest", "name", "unknown"]) {
        expect((await byUpdate(`sort=${sort}&after=${after}`)).total).toBe(121);
        expect((await byDevice(`sort=${sort}&after=${after}`)).total).toBe(120);
      }
    }
  });
});

describe("the patches by device", () => {
  it("names each device once over its pages, in each order", async () => {
    for (const sort of ["patches", "oldest", "name"]) {
      for (const order of ["", "reverse"]) {
        const rows = await wholeList(byDevice, `sort=${sort}&order=${order}`);
        expect(new Set(rows.map(({ id }) => id)).size, sort).toBe(120);
      }
    }
    expect((await byDevice("sort=oldest")).rows[0]).toMatchObject({ name: "PC-119", patches: 2 });
    expect((await byDevice("sort=name")).rows.map(({ name }) => name).slice(0, 3)).toEqual([
      "PC-0",
      "PC-1",
      "PC-2",
    ]);
  });

  it.each([
    ["q=pc-11", 11],
    ["type=server", 30],
    ["age=90", 30],
    ["category=Security%20Updates&age=60", 60],
    ["category=none", 120],
  ])("finds with “%s” %d", async (query, total) => {
    expect((await byDevice(query)).total).toBe(total);
  });
});

describe("the files", () => {
  const linesOf = async (path: string) =>
    (await (await tenant.as.viewer.get(path)).text()).trim().split("\n");

  it("have the whole list, in its order and with its filters", async () => {
    const updates = await linesOf("/patches.csv?sort=devices");
    expect(updates).toHaveLength(122);
    expect(updates[1]).toMatch(/^Common,Security Updates,KB1,120,2026-05-12T12:00:00.000Z,.*,119$/);
    expect(await linesOf("/patches/devices.csv?type=server")).toHaveLength(31);
  });

  it("list for a review what was pending within the quarter", async () => {
    // Pending since 2026-10-01 or later: 0 to 58 days ago; all are pending still.
    expect(await linesOf("/patches/review.csv?quarter=2026-Q4")).toHaveLength(241);
    const before = await linesOf("/patches/review.csv?quarter=2026-Q3");
    expect(before).toHaveLength(1 + 2 * 61);
    expect(
      await linesOf(`/patches/review.csv?quarter=2026-Q3&client=${clientIds[0]}&type=server`),
    ).toHaveLength(1 + 2 * 15);
  });
});

describe("the pages about patches", () => {
  it("are open to a technician and say so if nothing is pending", async () => {
    const other = await web.tenant();
    for (const path of ["/patches", "/patches/devices"]) {
      const html = await (await other.as.technician.get(path)).text();
      expect(html).toContain("with the first full sync");
    }
    const { rows } = await byUpdate();
    expect((await other.as.technician.get(`/patches/${rows[0]!.key}`)).status).toBe(404);
  });

  it("show how many updates were pending on each day, for the filtered client and type", async () => {
    const counts = { devices: 3, patchDevices: 3 };
    const day = (days: number) => ago(days).toISOString().slice(0, 10);
    await web.database.db.insert(ledgerDays).values(
      [
        { day: day(120), clientId: clientIds[0]!, assetType: "server" as const, patches: 99 },
        { day: day(2), clientId: clientIds[0]!, assetType: "server" as const, patches: 5 },
        { day: day(2), clientId: clientIds[0]!, assetType: "workstation" as const, patches: 7 },
        { day: day(2), clientId: clientIds[1]!, assetType: "server" as const, patches: 20 },
        { day: day(1), clientId: clientIds[0]!, assetType: "server" as const, patches: 4 },
      ].map((row) => ({ tenantId: tenant.id, ...counts, ...row })),
    );
    const trendOf = async (path: string, route: string) => {
      const response = await tenant.as.viewer.get(`${path}${encodeURIComponent(`routes/${route}`)}`);
      const { trend } = (await response.json()) as { trend: { day: string; patches: number }[] };
      return trend.map(({ day: of, patches }) => [of, patches]);
    };
    const [first, second] = [day(2), day(1)];
    expect(await trendOf("/patches?index&_data=", "_app.patches._index")).toEqual([
      [first, 32],
      [second, 4],
    ]);
    const client = `client=${clientIds[0]!}`;
    expect(await trendOf(`/patches?index&${client}&_data=`, "_app.patches._index")).toEqual([
      [first, 12],
      [second, 4],
    ]);
    expect(await trendOf(`/patches/devices?${client}&type=server&_data=`, "_app.patches.devices")).toEqual([
      [first, 5],
      [second, 4],
    ]);
    const html = await (await tenant.as.viewer.get(`/patches?${client}`)).text();
    expect(html).toContain("Pending updates 12 to 4");
  });

  it("take the same number of statements, however many devices there are", async () => {
    const { rows } = await byUpdate("q=common");
    const paths = ["/patches", "/patches/devices", `/patches/${rows[0]!.key}`];
    const counted = async () => {
      const counts = [];
      for (const path of paths) counts.push(await countStatements(web, tenant.as.viewer, path));
      return counts;
    };
    const before = await counted();
    await addDevices(30, 500);
    expect(await counted()).toEqual(before);
  });
});
