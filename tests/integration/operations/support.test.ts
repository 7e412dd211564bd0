import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { rmmIntegrations, rmmSyncRuns } from "@db/schema";

import { runCommand } from "../../support/cli";
import { testDatabaseKind } from "../../support/database";
import type { SyncWorld } from "../../support/sync";
import { createSyncedWorld } from "../../support/synced-world";

/** Secrets and names, each stored in one place; none may be in the bundle. */
const planted = {
  APP_SECRET: "planted-app-secret-of-at-least-32-characters",
  METRICS_TOKEN: "planted-metrics-token",
  SMTP_URL: "smtp://mailer:planted-mail-password@mail.example.com:587",
  MAIL_FROM: "plumbline@example.com",
  ADMIN_EMAIL: "planted-admin@example.com",
  ADMIN_PASSWORD: "planted-admin-password",
  INNGEST_SIGNING_KEY: "signkey-planted-0123456789abcdef",
  INNGEST_EVENT_KEY: "planted-event-key",
  HTTPS_PROXY: "http://proxy:planted-proxy-password@proxy.example.com:3128",
};

describe.runIf(testDatabaseKind() === "postgres")("the support bundle", () => {
  let world: SyncWorld;
  let folder: string;
  beforeAll(async () => {
    world = await createSyncedWorld({ devices: 40, seed: 9 });
    folder = mkdtempSync(path.join(tmpdir(), "plumbline-support-"));
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The text of each file of the command's bundle, by name. */
  const unpack = (file: string): Record<string, string> => {
    const to = mkdtempSync(path.join(folder, "unpacked-"));
    execFileSync("tar", ["-xzf", file, "-C", to]);
    const inside = path.join(to, "plumbline-support");
    return Object.fromEntries(
      readdirSync(inside).map((name) => [name, readFileSync(path.join(inside, name), "utf8")]),
    );
  };

  it("holds settings, counts, runs and errors, and none of the secrets and names stored anywhere", async () => {
    const { db } = world.database;
    const url = new URL(world.database.url!);
    for (const [name, value] of Object.entries({ ...planted, DATABASE_URL: url.href }))
      vi.stubEnv(name, value);
    const sentence = `Level refused: see https://user:planted-error-password@level.example.com (${planted.METRICS_TOKEN})`;
    await db.update(rmmSyncRuns).set({ status: "failed", errorCode: "invalid_key", errorMessage: sentence });
    await db
      .update(rmmIntegrations)
      .set({ label: "Planted label", lastSyncError: sentence, health: "failing" })
      .where(eq(rmmIntegrations.id, world.connectionId));
    const log = path.join(folder, "app.log");
    writeFileSync(
      log,
      [
        JSON.stringify({
          level: "error",
          msg: "a line",
          apiKey: "planted-log-key",
          path: "/invite/planted-invitation",
        }),
        `no JSON, of postgres://app:planted-line-password@db.example.com and ${planted.ADMIN_PASSWORD}`,
      ].join("\n"),
    );
    const file = path.join(folder, "bundle.tar.gz");
    const said = await runCommand("support", "--out", file, "--log", log);
    expect(said).toMatchObject({ exitCode: 0, error: "" });
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const files = unpack(file);
    const whole = Object.values(files).join("\n");
    for (const secret of [
      ...Object.values(planted).filter((value) => !value.includes("@")),
      "planted",
      "Planted",
      ...(url.password === "" ? [] : [url.password]),
      world.simulator.apiKey,
    ])
      expect(whole).not.toContain(secret);
    const [device] = [...world.simulator.account.devices];
    expect(whole).not.toContain(device!.hostname);

    const json = (name: string) => JSON.parse(files[`${name}.json`]!) as Record<string, unknown>;
    expect(json("about")).toMatchObject({ version: "0.1.0", node: process.version, database: "read" });
    expect(json("settings")).toMatchObject({
      databaseUrl: expect.stringContaining("[redacted]"),
      port: 3000,
    });
    expect(json("schema")).toMatchObject({ pendingMigrations: 0 });
    expect(json("counts")).toMatchObject({ tenants: 1, connections: 1 });
    expect(json("runs")).toMatchObject([{ errorCode: "invalid_key" }, {}]);
    expect(json("connections")).toMatchObject([
      { health: "failing", lastSyncError: expect.stringContaining("Level refused") },
    ]);
    expect(json("queues")).toMatchObject({ outbox: { waiting: expect.any(Number) } });
    expect(files["log.jsonl"]).toContain('"a line"');
  });

  it("is made even if the database does not answer a part of it", async () => {
    vi.stubEnv("DATABASE_URL", world.database.url);
    vi.stubEnv("APP_SECRET", planted.APP_SECRET);
    await world.database.db.execute("alter table rmm_sync_run_errors rename to hidden");
    const file = path.join(folder, "partial.tar.gz");
    const said = await runCommand("support", "--out", file);
    await world.database.db.execute("alter table hidden rename to rmm_sync_run_errors");
    expect(said.exitCode).toBe(0);
    const files = unpack(file);
    expect(JSON.parse(files["errors.json"]!)).toMatchObject({
      failed: { query: expect.stringContaining("rmm_sync_run_errors") },
    });
    expect(files["runs.json"]).toContain("invalid_key");
  });
});
