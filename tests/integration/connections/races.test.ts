import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { queryRows } from "@db/client";
import { connect } from "~/features/connections/connect.server";
import { createClient, createIntegration } from "@tests/support/factories";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { Browser } from "@tests/support/web";

let level: LevelWorld;
let admin: Browser;

beforeAll(async () => {
  level = await createLevelWorld();
  admin = level.tenant.as.admin;
});
afterAll(() => level.close());

/** Repeated, because two requests do not collide at every try. */
const ROUNDS = Array.from({ length: 6 }, (_, n) => `Round ${n}`);

const labels = async () =>
  (
    await queryRows<{ label: string }>(
      level.web.database.db,
      sql`select label from rmm_integrations order by label`,
    )
  ).map((row) => row.label);
const entries = (action: string) =>
  queryRows(level.web.database.db, sql`select id from audit_log where action = ${action}`);
const count = (all: string[], one: string) => all.filter((each) => each === one).length;

describe("a connection", () => {
  it("is made once by a form that is sent twice, and both lead to it", async () => {
    const before = (await entries("integration.connected")).length;
    const first = await level.connect(admin, { label: "Twice" });
    expect(await level.connect(admin, { label: "Twice" })).toBe(first);
    for (const label of ROUNDS) {
      const [one, other] = await Promise.all([
        level.connect(admin, { label }),
        level.connect(admin, { label }),
      ]);
      expect(other).toBe(one);
      expect(count(await labels(), label)).toBe(1);
    }
    expect((await entries("integration.connected")).length - before).toBe(ROUNDS.length + 1);
  });

  it("goes to one of two keys that want the same name at once", async () => {
    for (const round of ROUNDS) {
      const label = `Keys of ${round}`;
      const { apiKey, readOnlyApiKey } = level.simulator;
      const answers = await Promise.allSettled(
        [apiKey, readOnlyApiKey].map((key) => level.connect(admin, { label, apiKey: key })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const refused = answers.find((answer) => answer.status === "rejected")!;
      expect(String(refused.reason)).toContain("Another connection has this name");
      expect(count(await labels(), label)).toBe(1);
    }
  });

  it("is renamed to a name by one of two at once", async () => {
    const { db } = level.web.database;
    const ids = [
      (await createIntegration(db, { tenantId: level.tenant.id })).id,
      (await createIntegration(db, { tenantId: level.tenant.id })).id,
    ];
    for (const round of ROUNDS) {
      const label = `Name of ${round}`;
      const answers = await Promise.all(
        ids.map((id) => level.act(admin, id, "", { intent: "rename", label })),
      );
      expect(answers.map(({ location }) => location !== null).sort()).toEqual([false, true]);
      expect(answers.find(({ location }) => location === null)!.status).toBe(409);
    }
  });

  it("keeps the name that it was given while a new key was tried", async () => {
    const id = await level.connect(admin, { label: "Before" });
    const { sync } = level.web.app;
    const tried = vi.spyOn(sync, "tryKey").mockReturnValueOnce({
      listGroups: async function* () {},
      testConnection: async () => {
        await level.act(admin, id, "", { intent: "rename", label: "Meanwhile" });
      },
    } as never);
    const apiKey = level.simulator.readOnlyApiKey;
    const answer = await level.act(admin, id, "", { intent: "replace-key", apiKey });
    expect(tried).toHaveBeenCalledWith(apiKey);
    expect(answer.location).toContain(id);
    expect(await labels()).toContain("Meanwhile");
    expect(await labels()).not.toContain("Before");
  });

  it("is not waited for longer than a proxy waits", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const silent = { testConnection: () => new Promise<void>(() => {}) };
      const outcome = connect(
        { ...level.web.app.sync, tryKey: () => silent as never },
        {
          tenantId: level.tenant.id,
          provider: "levelio",
          label: "Silent",
          apiKey: "k",
          actor: { userId: null, name: "test", ip: null },
        },
      );
      await vi.advanceTimersByTimeAsync(15_000);
      expect(await outcome).toMatchObject({
        state: "refused",
        error: { code: "unreachable", userMessage: "No answer within 15 seconds." },
      });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a client", () => {
  const post = async (id: string, fields: Record<string, string>) => {
    const route = encodeURIComponent("routes/_app.clients.$clientId");
    const answer = await admin.post(`/clients/${id}?_data=${route}`, fields);
    return { isDone: answer.headers.get("X-Remix-Redirect") !== null, status: answer.status };
  };
  const sorted = (answers: { isDone: boolean }[]) => answers.map(({ isDone }) => isDone).sort();

  it("is renamed to a name by one of two at once, and the other is refused", async () => {
    const { db } = level.web.database;
    const clients = [
      await createClient(db, { tenantId: level.tenant.id }),
      await createClient(db, { tenantId: level.tenant.id }),
    ];
    for (const name of ROUNDS) {
      const answers = await Promise.all(
        clients.map((client) => post(client.id, { intent: "change", name, notes: "" })),
      );
      expect(sorted(answers)).toEqual([false, true]);
      expect(answers.find(({ isDone }) => !isDone)!.status).toBe(422);
    }
  });

  it("is restored by one of two of one name at once", async () => {
    const { db } = level.web.database;
    const row = { tenantId: level.tenant.id, archivedAt: new Date() };
    for (const round of ROUNDS) {
      const name = `Archived in ${round}`;
      const clients = [await createClient(db, { ...row, name }), await createClient(db, { ...row, name })];
      const answers = await Promise.all(clients.map((client) => post(client.id, { intent: "restore" })));
      expect(sorted(answers)).toEqual([false, true]);
      expect(answers.find(({ isDone }) => !isDone)!.status).toBe(409);
    }
  });
});
