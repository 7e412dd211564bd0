import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { withTenant } from "@db/client";
import { recordDivergences } from "@db/queries/sync-runs/divergences";
import { rmmHeldChanges, rmmPlannedChanges, rmmSyncRuns } from "@db/schema";
import { apiCallerOf, type WebTenant } from "@tests/support/api";
import { runCommand } from "@tests/support/cli";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { allOf, createProgram, reasonToStay } from "../../../cli/program";
import { isRemote } from "../../../cli/remote";
import { createThings, type Things } from "./things";

let web: WebWorld;
let tenant: WebTenant;
let things: Things;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  things = await createThings(web.database.db, tenant, "ours");
  vi.stubGlobal("fetch", (address: string, init?: RequestInit) => {
    const { pathname, search } = new URL(address);
    return web.fetch(pathname + search, init);
  });
  vi.stubEnv("PLUMBLINE_TOKEN", (await apiCallerOf(web, tenant)).token);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const cli = (...args: string[]) => runCommand(...args, "--url", "https://plumbline.test");
const runOf = async (id: string) =>
  (await web.database.db.select().from(rmmSyncRuns).where(eq(rmmSyncRuns.id, id)))[0]!;

/** An ended dry run of the connection, with one device in its plan. */
async function aDryRun(): Promise<string> {
  const [run] = await web.database.db
    .insert(rmmSyncRuns)
    .values({
      tenantId: tenant.id,
      connectionId: things.connectionId,
      type: "dry_run",
      trigger: "manual",
      actor: "tests",
      key: `dry ${things.runId}`,
      transport: "inngest",
      status: "completed",
    })
    .returning();
  const planned = { tenantId: tenant.id, runId: run!.id, externalId: "d1", name: "PC-1", changes: [] };
  await web.database.db.insert(rmmPlannedChanges).values({ ...planned, action: "create" });
  return run!.id;
}
const endRun = () =>
  web.database.db.update(rmmSyncRuns).set({ status: "completed" }).where(eq(rmmSyncRuns.id, things.runId));

describe("the command line against a server", () => {
  it("syncs one device, with the same output as on this machine", async () => {
    const started = await cli("sync", "device", "device-7");
    const [, id] = /^Started run ([0-9a-f-]{36})\.\n$/.exec(started.out) ?? [];
    expect(await runOf(id!)).toMatchObject({ type: "device", targetExternalId: "device-7" });
    expect((await cli("sync", "device", "device-7")).out).toBe(`Joined run ${id}.\n`);
    expect((await cli("sync", "device")).error).toContain("Say which device: sync device <id>");
  });

  it("lists what a dry run would do to each device, as on this machine", async () => {
    const dryRun = await aDryRun();
    await web.database.db.insert(rmmPlannedChanges).values({
      ...{ tenantId: tenant.id, runId: dryRun, externalId: "d2", name: "PC-2", action: "change" as const },
      changes: [{ field: "site", from: null, to: "Berlin" }],
    });
    const text = "New asset: PC-1 (no client)\nChanges: PC-2 (Site: nothing → Berlin)\n";
    expect((await cli("runs", "plan", dryRun)).out).toBe(text);
    expect(JSON.parse((await cli("runs", "plan", dryRun, "--json")).out)).toMatchObject([
      { externalId: "d1", action: "create", changes: [] },
      { externalId: "d2", changes: [{ field: "site", from: null, to: "Berlin" }] },
    ]);
    const api = await apiCallerOf(web, tenant);
    const { body } = await api.get(`/runs/${dryRun}/plan/devices?action=change`);
    expect(body).toMatchObject({ data: [{ name: "PC-2" }], next: null });
    expect((await cli("runs", "plan", tenant.id)).error).toContain("There is no");
  });

  it("applies a dry run, unless a full sync is running or the run is no dry run", async () => {
    const dryRun = await aDryRun();
    expect((await cli("sync", "full", "--apply", dryRun)).error).toContain(
      `A full sync is under way already (${things.runId}); it does not follow the plan.`,
    );
    await endRun();
    const { id } = JSON.parse((await cli("sync", "full", "--apply", dryRun, "--json")).out) as { id: string };
    expect(await runOf(id)).toMatchObject({ type: "full", appliesRunId: dryRun });
    const refused = await cli("sync", "full", "--apply", things.runId);
    expect(refused.error).toContain(`There is no dry run ${things.runId}`);
  });

  it("shows with --wait what a dry run found, and how far the run that applies it differs", async () => {
    await endRun();
    const dryRun = await aDryRun();
    // Ends each run as soon as it is followed: the server's runner is not part of this.
    const ask = globalThis.fetch;
    vi.stubGlobal("fetch", async (address: string, init?: RequestInit) => {
      const [, id] = /\/runs\/([0-9a-f-]{36})$/.exec(address) ?? [];
      if (id !== undefined)
        await withTenant(web.database.db, tenant.id, async (tx) => {
          const [run] = await tx
            .update(rmmSyncRuns)
            .set({ status: "completed" })
            .where(eq(rmmSyncRuns.id, id))
            .returning();
          const { tenantId, appliesRunId } = run!;
          if (appliesRunId !== null) await recordDivergences(tx, { tenantId, runId: id }, appliesRunId);
        });
      return ask(address, init);
    });
    const found = await cli("sync", "dry-run", "--wait");
    expect(found.out).toContain("Nothing was written. A full sync would: change nothing.");
    expect(found.out).toMatch(/Carry it out: npm run cli -- sync full --apply [0-9a-f-]{36} --wait/);
    const applied = await cli("sync", "full", "--apply", dryRun, "--wait");
    expect(applied.out).toContain("1 device did not go as the dry run showed:");
    expect(applied.out).toContain("  PC-1: foreseen create, done nothing");
    const again = JSON.parse(
      (await cli("sync", "full", "--apply", dryRun, "--wait", "--json")).out,
    ) as object;
    expect(again).toMatchObject({ appliesRunId: dryRun, differences: 1 });
  });

  it("exports the mapping of the connection that is named", async () => {
    const other = await createThings(web.database.db, tenant, "other");
    for (const { connectionId } of [things, other]) {
      const { exitCode, error } = await cli("map", "export", "--connection", connectionId);
      expect(exitCode, error).toBe(0);
    }
  });

  it("confirms what a run held as missing, once", async () => {
    const confirmed = await cli("runs", "confirm", things.runId);
    expect(confirmed).toMatchObject({ exitCode: 0, out: "Marked 1 device as gone.\n" });
    const held = await web.database.db
      .select({ kind: rmmHeldChanges.kind })
      .from(rmmHeldChanges)
      .where(eq(rmmHeldChanges.runId, things.runId));
    expect(held).toEqual([{ kind: "rename" }]);
    expect((await cli("runs", "confirm", things.runId)).error).toContain(
      "A later sync has completed since; look at what that one holds.",
    );
  });

  it("every command that works only on the installation says why", async () => {
    for (const command of allOf(createProgram()).filter(({ commands }) => commands.length === 0))
      expect.soft(reasonToStay(command) !== undefined, command.name()).toBe(!isRemote(command));
    expect((await cli("doctor")).error).toContain(
      "`doctor` works on the installation itself: it examines the machine, its database and its settings.",
    );
  });
});
