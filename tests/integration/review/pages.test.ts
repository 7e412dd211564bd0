import { and, arrayContains, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  assets,
  auditLog,
  rmmHeldChanges,
  rmmIdentityReviews,
  rmmPlannedChanges,
  rmmSyncRuns,
  tenantExternalEntityMappings,
} from "@db/schema";

import { createAsset, createClient, createIntegration } from "../../support/factories";
import { countStatements } from "../../support/statements";
import { createWebWorld, type Browser, type WebWorld } from "../../support/web";

type Tenant = Awaited<ReturnType<WebWorld["tenant"]>>;

let web: WebWorld;
let ours: Tenant;
let theirs: Tenant;
let ids: Awaited<ReturnType<typeof fill>>;

const MARK = "Zebra-Only-Ours";

beforeAll(async () => {
  web = await createWebWorld();
  ours = await web.tenant();
  theirs = await web.tenant();
  ids = await fill(ours, 3);
});
afterAll(() => web.close());

/** Number of held changes of each kind, devices in doubt and lines of a dry run's plan. */
async function fill({ id: tenantId }: Tenant, n: number) {
  const { db } = web.database;
  const { id: connectionId } = await createIntegration(db, { tenantId, label: `${MARK} account ${n}` });
  const from = await createClient(db, { tenantId, name: `${MARK} from ${connectionId}` });
  const to = await createClient(db, { tenantId, name: `${MARK} to ${connectionId}` });
  const run = async (type: "full" | "dry_run") => {
    const row = { tenantId, connectionId, type, trigger: "manual", actor: "test" } as const;
    const times = { startedAt: new Date(), endedAt: new Date() };
    const [made] = await db
      .insert(rmmSyncRuns)
      .values({ ...row, ...times, key: `${type} ${connectionId}`, transport: "direct", status: "completed" })
      .returning();
    return made!.id;
  };
  const [runId, dryRunId] = [await run("full"), await run("dry_run")];
  const held: string[] = [];
  const reviews: { id: string; assetId: string }[] = [];
  for (let i = 0; i < n; i++) {
    for (const kind of ["removal", "move", "rename"] as const) {
      const externalId = `${kind}-${i}`;
      const name = `${MARK} ${externalId}`;
      const asset = await createAsset(db, { tenantId, clientId: from.id, name });
      await db.insert(tenantExternalEntityMappings).values({
        tenantId,
        connectionId,
        integrationType: "levelio",
        externalId,
        assetId: asset.id,
        displayName: name,
        contentHash: "x",
        observedAt: new Date(0),
      });
      const values = {
        removal: {},
        move: { fromValue: from.id, toValue: to.id },
        rename: { fromValue: name, toValue: `${name} renamed` },
      }[kind];
      const [row] = await db
        .insert(rmmHeldChanges)
        .values({
          tenantId,
          connectionId,
          runId,
          externalId,
          assetId: asset.id,
          kind,
          state: "held",
          name,
          ...values,
        })
        .returning();
      held.push(row!.id);
    }
    const candidate = await createAsset(db, {
      tenantId,
      clientId: from.id,
      name: `${MARK} candidate ${i}`,
      status: "gone",
    });
    const [review] = await db
      .insert(rmmIdentityReviews)
      .values({
        tenantId,
        connectionId,
        externalId: `new-${i}`,
        name: `${MARK} new ${i}`,
        reason: "ambiguous",
        candidates: [{ assetId: candidate.id, by: "serial", key: "ABC123" }],
        device: { serialNumber: "ABC123", systemInfo: {}, liveness: { lastSeenAt: null } },
      })
      .returning();
    reviews.push({ id: review!.id, assetId: candidate.id });
    await db.insert(rmmPlannedChanges).values({
      tenantId,
      runId: dryRunId,
      externalId: `planned-${i}`,
      action: "move",
      name: `${MARK} planned ${i}`,
      fromClientId: from.id,
      toClientId: to.id,
      changes: [
        { field: "client", from: from.id, to: to.id, staged: "move" },
        { field: "memoryBytes", from: 8 * 2 ** 30, to: 16 * 2 ** 30 },
      ],
    });
  }
  return { connectionId, runId, dryRunId, held, reviews, from, to };
}

const paths = ({ runId, dryRunId } = ids) => [
  "/review",
  `/review?run=${runId}`,
  "/review?kind=move&q=zebra",
  "/review/identity",
  `/runs/${dryRunId}`,
];

const textOf = async (browser: Browser, path: string) => (await browser.get(path)).text();

/** What a page sends with a decision on all matches. */
const markOn = async (path: string) =>
  /name="mark" value="([0-9a-f]{32})"/.exec(await textOf(ours.as.admin, path))![1]!;

/** A held change as the page sends it. */
const rowOf = async (id: string, runId = ids.runId) =>
  new RegExp(`name="row" value="(${id}[^"]*)"`).exec(
    await textOf(ours.as.admin, `/review?run=${runId}`),
  )![1]!;

const heldStates = () =>
  web.database.db
    .select({ state: rmmHeldChanges.state })
    .from(rmmHeldChanges)
    .where(eq(rmmHeldChanges.tenantId, ours.id));

describe("a pending change", () => {
  it("is visible to everybody of the tenant and counted in the navigation", async () => {
    for (const path of paths()) expect(await textOf(ours.as.viewer, path), path).toContain(MARK);
    const page = await textOf(ours.as.viewer, "/review");
    expect(page).toContain("waiting</span>");
    expect(page).not.toContain("Approve");
    expect(await textOf(ours.as.admin, "/review")).toContain("Approve");
  });

  it("shows clients by name and sizes in bytes", async () => {
    const page = await textOf(ours.as.viewer, "/review?kind=move");
    expect(page).toContain(ids.from.name);
    expect(page).toContain(ids.to.name);
    expect(page).not.toContain(`>${ids.to.id}<`);
    const csv = await textOf(ours.as.viewer, `/runs/${ids.dryRunId}/plan.csv?action=move`);
    expect(csv).toContain("Memory in detail: 8 GB → 16 GB");
    expect(csv).toContain(`Client: ${ids.from.name} → ${ids.to.name}`);
  });

  it("is never seen, and never decided, by another tenant", async () => {
    for (const path of ["/", "/review", `/review?run=${ids.runId}`, "/review/identity"])
      expect(await textOf(theirs.as.admin, path), path).not.toContain(MARK);
    for (const path of [`/runs/${ids.dryRunId}`, `/runs/${ids.dryRunId}/plan.csv`])
      expect((await theirs.as.admin.get(path)).status, path).toBe(404);
    expect((await theirs.as.admin.post(`/runs/${ids.dryRunId}`, { intent: "apply" })).status).toBe(404);
    const before = await heldStates();
    await theirs.as.admin.post("/review?index", { intent: "approve", row: await rowOf(ids.held[0]!) });
    const mark = await markOn("/review");
    await theirs.as.admin.post("/review?index", { intent: "reject", all: "on", mark });
    const [review] = ids.reviews;
    await theirs.as.admin.post("/review/identity", {
      intent: "link",
      row: review!.id,
      asset: review!.assetId,
    });
    await theirs.as.admin.post("/review/identity", { intent: "own", row: review!.id });
    expect(await heldStates()).toEqual(before);
    expect(
      await web.database.db.select().from(rmmIdentityReviews).where(eq(rmmIdentityReviews.tenantId, ours.id)),
    ).toHaveLength(3);
  });

  it("uses as many statements for 3 as for 60 of each", async () => {
    const count = async (of = ids) => {
      const counts: number[] = [];
      for (const path of paths(of)) counts.push(await countStatements(web, ours.as.admin, path));
      return counts;
    };
    const few = await count();
    const more = await fill(ours, 60);
    expect(await count(more)).toEqual(few);
    await web.database.db.delete(rmmHeldChanges).where(eq(rmmHeldChanges.runId, more.runId));
  });
});

describe("deciding", () => {
  it("on all matches is refused if they differ from what was shown", async () => {
    const before = await heldStates();
    const rename = and(eq(rmmHeldChanges.tenantId, ours.id), eq(rmmHeldChanges.kind, "rename"));
    const mark = await markOn("/review");
    await web.database.db.update(rmmHeldChanges).set({ toValue: "another name" }).where(rename);
    await ours.as.admin.post("/review?index", { intent: "approve", all: "on", mark });
    expect(await heldStates()).toEqual(before);
    expect(await textOf(ours.as.admin, "/review")).toContain("has changed meanwhile");
    expect((await ours.as.admin.post("/review?index", { intent: "approve", all: "on" })).status).toBe(400);

    const waiting = eq(rmmIdentityReviews.tenantId, ours.id);
    const own = { intent: "own", all: "on", mark: await markOn("/review/identity") };
    await web.database.db.update(rmmIdentityReviews).set({ candidates: [] }).where(waiting);
    await ours.as.admin.post("/review/identity", own);
    expect(await web.database.db.$count(rmmIdentityReviews, waiting)).toBeGreaterThanOrEqual(3);
  });

  it("on all moves of one client is offered at the top of the list, and leaves the others", async () => {
    const tenant = await web.tenant();
    await fill(tenant, 2);
    const page = await tenant.as.admin.get("/review?index&_data=routes%2F_app.review._index");
    const { groups } = (await page.json()) as {
      groups: { kind: string; mark: string; connectionId: string; clientId: string | null }[];
    };
    const moves = groups.find(({ kind }) => kind === "move")!;
    const addressOf = (mark: string) =>
      `/review?index&group=${mark}&kind=move&integration=${moves.connectionId}&client=${moves.clientId ?? "none"}`;
    const [action, outdated] = [addressOf(moves.mark), addressOf("0".repeat(32))];
    await tenant.as.admin.post(outdated, { intent: "reject" });
    const held = (kind: "move" | "rename") =>
      web.database.db.$count(
        rmmHeldChanges,
        and(eq(rmmHeldChanges.tenantId, tenant.id), eq(rmmHeldChanges.kind, kind)),
      );
    expect(await held("move")).toBe(2);
    const answer = await tenant.as.admin.post(action, { intent: "reject" });
    expect(answer.headers.get("location")).toBe("/review");
    expect(await held("move")).toBe(0);
    expect(await held("rename")).toBe(2);
  });

  it("on a row leaves it alone if a sync has replaced the change since", async () => {
    const [, move, rename] = ids.held;
    const rows = [await rowOf(move!), await rowOf(rename!)];
    await web.database.db.update(rmmHeldChanges).set({ toValue: null }).where(eq(rmmHeldChanges.id, move!));
    const before = await heldStates();
    await ours.as.admin.post("/review?index", { intent: "approve", row: rows[0]! });
    expect(await textOf(ours.as.admin, "/review")).toContain("1 has become another change meanwhile");
    expect(await heldStates()).toEqual(before);
    await ours.as.admin.post("/review?index", { intent: "reject", row: rows });
    const page = await textOf(ours.as.admin, "/review");
    expect(page).toContain("1 change rejected.");
    expect(page).toContain("1 has become another change meanwhile");
    const left = eq(rmmHeldChanges.id, move!);
    expect(await web.database.db.$count(rmmHeldChanges, left)).toBe(1);
  });

  it("approves one, rejects all of a kind, and reports rows that are decided already", async () => {
    const row = await rowOf(ids.held[0]!);
    await ours.as.admin.post("/review?index", { intent: "approve", row });
    expect(await textOf(ours.as.admin, "/review")).toContain("1 change approved, 1 device marked as gone.");
    await ours.as.admin.post("/review?index", { intent: "approve", row });
    expect(await textOf(ours.as.admin, "/review")).toContain("Nothing was decided");
    const mark = await markOn("/review?kind=rename");
    await ours.as.admin.post("/review?index&kind=rename", { intent: "reject", all: "on", mark });
    expect(await textOf(ours.as.admin, "/review")).toContain("2 changes rejected.");
    const keep = await web.database.db.$count(
      assets,
      and(eq(assets.tenantId, ours.id), arrayContains(assets.overriddenFields, ["name"])),
    );
    expect(keep).toBe(3);
  });

  it("on several connections at once is in the audit log under each", async () => {
    const [first, second] = [await fill(ours, 1), await fill(ours, 2)];
    const row: string[] = [];
    for (const of of [first, second]) for (const id of of.held) row.push(await rowOf(id, of.runId));
    await ours.as.admin.post("/review?index", { intent: "reject", row });
    for (const [of, n] of [
      [first, 1],
      [second, 2],
    ] as const) {
      const entries = await web.database.db
        .select({ action: auditLog.action, details: auditLog.details })
        .from(auditLog)
        .where(eq(auditLog.targetId, of.connectionId));
      expect(entries).toEqual([
        { action: "held.rejected", details: { removals: n, moves: n, renames: n, runIds: [of.runId] } },
      ]);
    }
  });

  it("accepts only forms that the page has", async () => {
    for (const row of ["1", "' or true --", ids.reviews[0]!.id + ".1"]) {
      expect((await ours.as.admin.post("/review?index", { intent: "approve", row })).status).toBe(400);
      expect((await ours.as.admin.post("/review/identity", { intent: "link", row })).status).toBe(400);
    }
    expect((await ours.as.technician.post("/review?index", { intent: "approve" })).status).toBe(403);
  });
});
