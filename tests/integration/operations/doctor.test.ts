import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { updateIntegration, type IntegrationRow } from "@db/queries/connections/connections";
import { openProvider } from "~/features/connections/open-provider.server";
import { createVault } from "~/platform/vault.server";
import { diagnoseFromOutside, type ServerReadiness } from "~/features/operations/doctor-offline";
import { diagnose, type DiagnoseOptions, type Finding } from "~/features/operations/doctor";
import { createSyncWorld, type SyncWorld } from "@tests/support/sync";

let world: SyncWorld;
beforeEach(async () => {
  world = await createSyncWorld({ devices: 3 });
});
afterEach(() => world.close());

const well: DiagnoseOptions = {
  warnings: [],
  databaseKind: "postgres",
  runner: "embedded",
  isAlive: async () => true,
  levelTime: async () => new Date(),
  mailer: null,
};

async function look(options: Partial<DiagnoseOptions> = {}, deps = world.deps) {
  const findings = await diagnose(deps, { ...well, ...options });
  return (check: Finding["check"]) => findings.filter((finding) => finding.check === check);
}

/** Every problem comes with a remedy. */
const ill = (state: "warning" | "problem", message: RegExp, hint: RegExp) => ({
  state,
  message: expect.stringMatching(message) as string,
  hint: expect.stringMatching(hint) as string,
});

describe("the doctor", () => {
  it("finds no problem if there is none", async () => {
    const of = await look();
    const states = (["database", "clock", "secrets", "runner", "level"] as const).flatMap((check) =>
      of(check).map(({ state }) => state),
    );
    expect(states).toEqual(["ok", "ok", "ok", "ok", "ok", "ok"]);
  });

  it("repeats warnings about likely mistakes in the environment", async () => {
    const of = await look({ warnings: ["INNGEST_DEV is set beside https"] });
    expect(of("settings")).toEqual([
      { check: "settings", state: "warning", message: "INNGEST_DEV is set beside https" },
    ]);
  });

  it("notices a clock that differs from Level's", async () => {
    const of = await look({ levelTime: async () => new Date(Date.now() - 90_000) });
    expect(of("clock")).toContainEqual(
      expect.objectContaining(ill("warning", /Level differ by 90 s/, /NTP/)),
    );
  });

  it("notices that no process executes syncs, and that an Inngest server does not answer", async () => {
    const alone = await look({ isAlive: async () => false });
    expect(alone("runner")).toMatchObject([ill("problem", /no process/, /npm start/)]);
    const server = await look({ runner: "server", isAlive: async () => false });
    expect(server("runner")).toMatchObject([ill("problem", /does not answer/, /INNGEST_BASE_URL/)]);
  });

  it("notices a schedule that is overdue, and one that is paused", async () => {
    const { db } = world.database;
    const set = (values: Partial<IntegrationRow>) =>
      withTenant(db, world.tenantId, (tx) =>
        updateIntegration(tx, world.tenantId, world.connectionId, values),
      );
    expect((await look())("schedules")).toMatchObject([{ state: "ok", message: "2, all on time" }]);
    await set({ nextFullSyncAt: new Date(Date.now() - 90 * 60_000) });
    expect((await look())("schedules")).toMatchObject([
      ill("problem", /"Level": a full sync is 90 minutes overdue/, /runner above/),
    ]);
    await set({ nextFullSyncAt: new Date(), alertsPausedAt: new Date(), alertsPausedReason: "5 failed." });
    expect((await look())("schedules")).toMatchObject([
      ill("warning", /a comparison of alerts does not run automatically: 5 failed/, /Resume/),
    ]);
    await set({ fullSyncEnabled: false, alertsPausedAt: null });
    expect((await look())("schedules")).toMatchObject([{ state: "ok", message: "1, all on time" }]);
  });

  it("notices a connection whose key was refused once, even if the key works again, and says what to do", async () => {
    await withTenant(world.database.db, world.tenantId, (tx) =>
      updateIntegration(tx, world.tenantId, world.connectionId, {
        status: "needs_attention",
        statusReason: "Enter another API key.",
      }),
    );
    const of = await look();
    expect(of("level")).toMatchObject([{ state: "ok" }]);
    expect(of("schedules")).toMatchObject([
      ill(
        "problem",
        /"Level": nothing runs automatically.*Enter another API key/,
        /new key.*Test connection/,
      ),
    ]);
  });

  it("asks the running server if that has the database open, and says what it could not check", async () => {
    const outside = (readiness: ServerReadiness | null) =>
      diagnoseFromOutside({
        ...well,
        holderPid: 4711,
        port: 3000,
        readiness: () => Promise.resolve(readiness),
      });
    const states = async (readiness: ServerReadiness | null) =>
      (await outside(readiness)).map(({ check, state }) => `${check} ${state}`);
    const unseen = ["secrets warning", "schedules warning", "level warning", "clock ok", "mail warning"];
    const checks = { database: "ok", migrations: "ok", runner: "ok" };
    expect(await states({ checks })).toEqual(["database ok", "runner ok", ...unseen]);
    expect(await states({ checks: { ...checks, migrations: "pending", runner: "nobody" } })).toEqual([
      "database problem",
      "runner problem",
      ...unseen,
    ]);
    expect((await outside(null))[0]).toMatchObject(ill("problem", /process 4711.*port 3000/, /PORT/));
  });

  it("notices secrets that another APP_SECRET sealed, the API key among them", async () => {
    const vault = createVault("another-secret-for-tests-of-at-least-32-characters");
    const { db } = world.database;
    const of = await look(
      {},
      {
        ...world.deps,
        vault,
        openProvider: (ref, stats) => openProvider({ db, vault, baseUrl: world.simulator.url }, ref, stats),
      },
    );
    expect(of("secrets")).toMatchObject([ill("problem", /cannot be opened/, /APP_SECRET/)]);
    expect(of("level")).toMatchObject([ill("problem", /another APP_SECRET/, /secrets rotate/)]);
  });

  it.each([
    ["a refused key", { kind: "status", status: 401 }, ill("problem", /invalid API key/, /API keys/)],
    ["a forbidden list", { kind: "forbidden" }, ill("problem", /may not read/, /access/)],
    ["a web page", { kind: "html" }, ill("problem", /web page/, /LEVELIO_API_BASE_URL/)],
    [
      "a rate limit",
      { kind: "rate_limit", retryAfter: 90 },
      ill("warning", /slow down/, /wait and continue automatically/),
    ],
    [
      "a cut connection",
      { kind: "reset", when: "before" },
      ill("problem", /could not be reached/, /network/),
    ],
  ] as const)("says what to do about %s of Level, within seconds", async (_, fault, expected) => {
    world.simulator.faults.add(fault);
    const startedAt = performance.now();
    expect((await look())("level")).toMatchObject([expected]);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it.each([
    ["no answer at all", { kind: "hang" }, ill("problem", /no answer within 1 s/, /network/)],
    [
      "a rate limit that is sat out",
      { kind: "rate_limit", retryAfter: 3 },
      ill("warning", /slow down/, /wait and continue automatically/),
    ],
  ] as const)(
    "waits no longer for Level than its limit, and says what to do about %s",
    async (_, fault, expected) => {
      world.simulator.faults.add(fault);
      expect((await look({ levelTimeoutMs: 1_000 }))("level")).toMatchObject([expected]);
    },
  );
});
