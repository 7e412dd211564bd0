import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { getIntegration } from "@db/queries/connections/connections";
import { connect } from "~/features/connections/connect.server";
import { changeSettings, resumeSchedule } from "~/features/connections/connection-settings.server";
import { disconnect } from "~/features/connections/disconnect.server";
import { describeFailure, failRun } from "~/features/sync-execution/end-run";
import { noteHealth } from "~/features/connection-health/note-health";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { createTenant, createUser } from "../../support/factories";
import { createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

/** A new connection, and a recipient. */
async function begin(devices: number): Promise<void> {
  world = await createSyncWorld({ devices, seed: 3, updatesPerDevice: 0 });
  const { tenantId } = world;
  await createUser(world.database.db, { tenantId, email: "owner@example.com", passwordHash: "set" });
}

afterEach(() => world.close());

const connection = async () =>
  (await withTenant(world.deps.db, world.tenantId, (tx) =>
    getIntegration(tx, world.tenantId, world.connectionId),
  ))!;

interface Told extends Record<string, unknown> {
  kind: string;
  recipients: string[];
  subject: string;
  body: string;
}

const letters = () =>
  queryRows<Told>(world.deps.db, sql`select kind, recipients, subject, body from notifications order by id`);

/** The notices and events sent, in order; the two always agree. */
async function told(): Promise<string[]> {
  const kinds = (await letters()).map(({ kind }) => kind);
  const events = await queryRows<{ kind: string }>(
    world.deps.db,
    sql`select data->>'kind' as kind from rmm_events where name like 'RMM\_CONNECTION\_%' or name = 'RMM_CHANGES_HELD'
        order by id`,
  );
  expect(events.map(({ kind }) => kind)).toEqual(kinds);
  return kinds;
}

const breakLevel = (status = 500) => world.simulator.faults.add({ kind: "status", status });
const mendLevel = () => world.simulator.faults.clear();

/** A run that fails like one of an unreadable account, without its walk, which would retry for long. */
async function fail(
  type: "full" | "alerts",
  failure = describeFailure(new Error("broken")),
  one: { externalAlertId?: string } = {},
): Promise<void> {
  const { tenantId, connectionId, deps } = world;
  const by = { trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync(deps, { tenantId, connectionId, type, ...by, ...one });
  if (outcome.state !== "queued") throw new Error(outcome.state);
  await failRun(deps, { tenantId, runId: outcome.run.id }, failure);
}
const failFullSync = () => fail("full");

/** The end of a run that nobody executed completely. */
const LOST = { code: "no_heartbeat", message: "It showed no sign of life.", hint: "Start the app." } as const;

const resume = () =>
  resumeSchedule(world.deps, { tenantId: world.tenantId, connectionId: world.connectionId }, TEST_ACTOR);

const setFullSync = (fullSyncEnabled: boolean) =>
  changeSettings(
    world.deps,
    { tenantId: world.tenantId, connectionId: world.connectionId },
    { fullSyncEnabled },
    TEST_ACTOR,
  );

const saveKey = () =>
  connect(world.deps, {
    tenantId: world.tenantId,
    connectionId: world.connectionId,
    provider: "levelio",
    apiKey: world.simulator.apiKey,
    actor: TEST_ACTOR,
  });

describe("people get a notice about a connection", () => {
  // Only the end of its runs matters here, not what they find.
  beforeEach(() => begin(2));

  it("never while it is well", async () => {
    await world.sync("full");
    await world.sync("alerts");
    await saveKey();
    expect(await told()).toEqual([]);
    expect(await connection()).toMatchObject({ health: "ok", healthSince: null });
  });

  it("when its first full sync fails, and none at the second failure", async () => {
    world.setNow(new Date("2026-10-10T10:05:30Z"));
    await failFullSync();
    world.setNow(new Date("2026-10-10T11:05:30Z"));
    await failFullSync();
    expect(await told()).toEqual(["failing"]);
    expect(await connection()).toMatchObject({
      health: "failing",
      healthSince: new Date("2026-10-10T10:05:30Z"),
    });
    const [letter] = await letters();
    expect(letter).toMatchObject({
      recipients: ["owner@example.com"],
      subject: "Level: a full sync failed",
      body: expect.stringMatching(
        /2026-10-10 10:05 UTC[^]*What happened: The sync stopped[^]*What to do: It resumes/,
      ) as string,
    });
  });

  it("when it works again after a full sync, once, with the start of the trouble", async () => {
    world.setNow(new Date("2026-10-10T10:05:30Z"));
    await failFullSync();
    world.setNow(null);
    await world.sync("alerts");
    expect(await told()).toEqual(["failing"]);
    await world.sync("full");
    await world.sync("full");
    expect(await told()).toEqual(["failing", "recovered"]);
    expect((await letters())[1]!.body).toContain("had failed since 2026-10-10 10:05 UTC");
    expect(await connection()).toMatchObject({ health: "ok" });
  });

  it("when its schedule is paused after five failures, none when a person resumes it, and when it recovered", async () => {
    for (let n = 0; n < 5; n++) await failFullSync();
    expect(await told()).toEqual(["failing", "paused"]);
    expect(await connection()).toMatchObject({ health: "paused" });
    await resume();
    await failFullSync();
    expect(await told()).toEqual(["failing", "paused"]);
    await world.sync("full");
    expect(await told()).toEqual(["failing", "paused", "recovered"]);
  });

  it("when its key is refused, once, and when a new key is accepted", async () => {
    breakLevel(401);
    await world.sync("full");
    await world.sync("alerts");
    expect(await told()).toEqual(["needs_attention"]);
    expect((await letters())[0]).toMatchObject({
      subject: "Level: the API key is refused",
      body: expect.stringMatching(/What to do: .*key/) as string,
    });
    mendLevel();
    await saveKey();
    expect(await told()).toEqual(["needs_attention", "recovered"]);
    await world.sync("full");
    expect(await told()).toEqual(["needs_attention", "recovered"]);
  });

  it("when the same key is accepted again", async () => {
    breakLevel(401);
    await world.sync("alerts");
    mendLevel();
    await world.sync("alerts");
    expect(await told()).toEqual(["needs_attention", "recovered"]);
  });

  it("never of a run that nobody executed; at the third of them that it fails, and never that it is paused", async () => {
    await fail("full", LOST);
    await fail("full", LOST);
    expect(await told()).toEqual([]);
    for (let n = 0; n < 6; n++) await fail("full", LOST);
    expect(await told()).toEqual(["failing"]);
    expect((await letters())[0]!.body).toContain("What happened: It showed no sign of life.");
    expect(await connection()).toMatchObject({ health: "failing", consecutiveFailures: 0, pausedAt: null });
    await world.sync("full");
    expect(await told()).toEqual(["failing", "recovered"]);
  });

  it("when the third comparison of alerts fails, when the fifth pauses it, and when it recovered", async () => {
    await world.sync("full");
    await fail("alerts");
    await fail("alerts");
    expect(await told()).toEqual([]);
    await fail("alerts");
    await world.sync("full");
    expect(await told()).toEqual(["failing"]);
    await fail("alerts");
    await fail("alerts");
    expect(await told()).toEqual(["failing", "paused"]);
    expect((await letters()).map(({ subject }) => subject)).toEqual([
      "Level: alerts are not compared",
      "Level: comparing alerts is paused",
    ]);
    expect(await connection()).toMatchObject({
      health: "paused",
      pausedAt: null,
      alertsFailures: 5,
      alertsPausedReason: expect.stringContaining("5 comparisons of alerts") as string,
    });
    await resume();
    expect(await connection()).toMatchObject({ health: "failing", alertsFailures: 0, alertsPausedAt: null });
    await world.sync("alerts");
    expect(await told()).toEqual(["failing", "paused", "recovered"]);
  });

  it("never of a comparison of alerts that failed now and then", async () => {
    for (let n = 0; n < 3; n++) {
      await fail("alerts");
      await fail("alerts");
      await world.sync("alerts");
    }
    expect(await told()).toEqual([]);
    expect(await connection()).toMatchObject({ health: "ok", alertsFailures: 0 });
  });

  it("never of single alerts that cannot be read, and none of one that can be", async () => {
    await world.sync("full");
    const broken = describeFailure(new Error("broken"));
    for (let n = 0; n < 5; n++) await fail("alerts", broken, { externalAlertId: `alert-${n}` });
    expect(await told()).toEqual([]);
    expect(await connection()).toMatchObject({ health: "ok", alertsFailures: 0, alertsPausedAt: null });
    for (let n = 0; n < 3; n++) await fail("alerts");
    const { deps, tenantId, connectionId } = world;
    const one = { type: "alerts", externalAlertId: "none", trigger: "manual", actor: "test" } as const;
    const outcome = await requestSync(deps, { tenantId, connectionId, ...one });
    if (outcome.state !== "queued") throw new Error(outcome.state);
    await runDirect(deps, { tenantId, runId: outcome.run.id });
    expect(await told()).toEqual(["failing"]);
    expect(await connection()).toMatchObject({ health: "failing", alertsFailures: 3 });
  });

  it.each([
    ["failed", 1, ["failing"]],
    ["were paused", 5, ["failing", "paused"]],
  ])(
    "never when full syncs that %s are switched off, and about its alerts as usual",
    async (_, n, before) => {
      for (let failures = 0; failures < n; failures++) await failFullSync();
      await setFullSync(false);
      expect(await told()).toEqual(before);
      expect(await connection()).toMatchObject({ health: "ok" });
      for (let failures = 0; failures < 5; failures++) await fail("alerts");
      expect(await told()).toEqual([...before, "failing", "paused"]);
      expect((await letters()).at(-1)!.subject).toBe("Level: comparing alerts is paused");
      await resume();
      await world.sync("alerts");
      expect(await told()).toEqual([...before, "failing", "paused", "recovered"]);
    },
  );

  it("never of full syncs that fail while they are switched off, nor when they are switched on again", async () => {
    await setFullSync(false);
    for (let n = 0; n < 6; n++) await failFullSync();
    await fail("full", LOST);
    await setFullSync(true);
    expect(await told()).toEqual([]);
    expect(await connection()).toMatchObject({ health: "ok" });
    await failFullSync();
    expect(await told()).toEqual(["failing"]);
  });

  it("when comparing alerts is paused while full syncs are too, once, with the start of the pause", async () => {
    for (let n = 0; n < 5; n++) await failFullSync();
    const { healthSince } = await connection();
    for (let n = 0; n < 6; n++) await fail("alerts");
    expect(await told()).toEqual(["failing", "paused", "paused"]);
    expect((await letters()).map(({ subject }) => subject)).toEqual([
      "Level: a full sync failed",
      "Level: the schedule is paused",
      "Level: comparing alerts is paused",
    ]);
    expect(await connection()).toMatchObject({ health: "paused", healthSince });
  });

  it("when full syncs are paused while comparing alerts is too", async () => {
    for (let n = 0; n < 5; n++) await fail("alerts");
    for (let n = 0; n < 5; n++) await failFullSync();
    expect((await letters()).map(({ subject }) => subject).slice(1)).toEqual([
      "Level: comparing alerts is paused",
      "Level: the schedule is paused",
    ]);
  });

  it("never when somebody disconnects it, and from the start with the next key", async () => {
    await failFullSync();
    const { tenantId, connectionId, deps } = world;
    await disconnect(deps, { tenantId, connectionId, assets: "keep", actor: TEST_ACTOR });
    expect(await told()).toEqual(["failing"]);
    expect(await connection()).toMatchObject({ health: "ok" });
    await saveKey();
    await world.sync("full");
    expect(await told()).toEqual(["failing"]);
  });
});

describe("people get a notice about mass changes", () => {
  beforeEach(async () => {
    await begin(60);
    await world.sync("organizations");
    await world.mapAll();
    await world.sync("full");
  });

  it("when changes are held, and none when a later sync no longer sees them", async () => {
    world.simulator.faults.add({ kind: "empty_list", resource: "devices" });
    await world.sync("full");
    await world.sync("full");
    expect(await told()).toEqual(["held"]);
    expect((await letters())[0]!.subject).toMatch(/^Level: \d+ changes are held back$/);
    mendLevel();
    await world.sync("full");
    expect(await told()).toEqual(["held"]);
    expect(await connection()).toMatchObject({ health: "ok" });
  });

  it("both that it recovered and that changes are held, when a sync succeeds after failures and holds changes", async () => {
    await failFullSync();
    world.simulator.faults.add({ kind: "empty_list", resource: "devices" });
    await world.sync("full");
    expect(await told()).toEqual(["failing", "recovered", "held"]);
  });

  it("none again about held changes when full syncs that failed since are switched off", async () => {
    await failFullSync();
    world.simulator.faults.add({ kind: "empty_list", resource: "devices" });
    await world.sync("full");
    await failFullSync();
    await setFullSync(false);
    expect(await told()).toEqual(["failing", "recovered", "held", "failing"]);
    expect(await connection()).toMatchObject({ health: "held" });
  });
});

describe("a change of state", () => {
  beforeEach(() => begin(2));

  it("sends one notice when two runs end at once", async () => {
    const { tenantId, connectionId, deps } = world;
    const refs = [];
    for (const type of ["full", "alerts"] as const) {
      const outcome = await requestSync(deps, {
        tenantId,
        connectionId,
        type,
        trigger: "manual",
        actor: "test",
      });
      if (outcome.state !== "queued") throw new Error(outcome.state);
      refs.push({ tenantId, runId: outcome.run.id });
    }
    const refusal = { code: "invalid_api_key", message: "refused", hint: "enter a new key" } as const;
    await Promise.all(refs.map((ref) => failRun(deps, ref, refusal)));
    expect(await told()).toEqual(["needs_attention"]);
  });

  it("sends nothing when its cause was rolled back", async () => {
    const { tenantId, connectionId, deps } = world;
    const attempt = withTenant(deps.db, tenantId, async (tx) => {
      await tx.execute(sql`update rmm_integrations set consecutive_failures = 1`);
      await noteHealth(tx, deps, { tenantId, connectionId });
      throw new Error("rolled back");
    });
    await expect(attempt).rejects.toThrow("rolled back");
    expect(await told()).toEqual([]);
    expect(await connection()).toMatchObject({ health: "ok" });
  });

  it("goes to the configured addresses, otherwise to the administrators who can sign in, only of this tenant", async () => {
    const { db } = world.deps;
    const { tenantId } = world;
    await createUser(db, { tenantId, email: "invited@example.com" });
    await createUser(db, { tenantId, email: "reader@example.com", role: "viewer", passwordHash: "set" });
    await createUser(db, {
      tenantId,
      email: "former@example.com",
      passwordHash: "set",
      disabledAt: new Date(),
    });
    const other = await createTenant(db);
    await createUser(db, { tenantId: other.id, email: "stranger@example.com", passwordHash: "set" });
    await failFullSync();
    await db.execute(
      sql`update tenants set notify_emails = '{noc@example.com,boss@example.com}' where id = ${tenantId}`,
    );
    await world.sync("full");
    expect((await letters()).map(({ recipients }) => recipients)).toEqual([
      ["owner@example.com"],
      ["noc@example.com", "boss@example.com"],
    ]);
  });

  it("puts no line break of a connection's name into a subject", async () => {
    await world.deps.db.execute(
      sql`update rmm_integrations set label = ${"Evil\r\nBcc: everybody@example.com\u2028x"}`,
    );
    await failFullSync();
    expect((await letters())[0]!.subject).toBe("Evil Bcc: everybody@example.com x: a full sync failed");
  });
});
