import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";

import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { openEmbedded } from "@db/embedded/open";

import { testDatabaseKind } from "../../support/database";

/** Runs the demo as `npm run demo --` does after installing and building. */
async function demo(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/demo/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, VITEST: "", ...env },
  });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { exitCode: child.exitCode, out, error };
}

/** Rows in the demo's folder have the times of their days, none before and none after. */
async function expectHistory(days: number): Promise<void> {
  const database = await openEmbedded({ dataDir: path.resolve(".data/demo") });
  try {
    const [stored] = await queryRows<Record<string, number>>(
      database.db,
      sql`
        with first as (select min(requested_at) as at from rmm_sync_runs)
        select (select extract(epoch from now() - at)::float8 / 86400 from first) as "firstSyncDays",
          (select extract(epoch from now() - min(pending_since))::float8 / 86400 from asset_list) as "oldestUpdateDays",
          (select count(distinct changed_at::date)::int from asset_changes) as "daysOfChanges",
          (select count(*)::int from asset_changes, first where changed_at < at or changed_at > now()) as "changesOutside",
          (select count(*)::int from assets, first where created_at < at - interval '1 minute') as "assetsBefore",
          (select count(distinct day)::int from freshness_days) as "freshDays",
          (select count(*)::int from custom_fields) as "customFields",
          (select count(distinct field_id)::int from custom_field_values) as "fieldsWithValues",
          (select count(*)::int from asset_list where status = 'active' and agent_status = 'online'
             and last_seen_at < now() - interval '1 day') as "onlineLongAgo"`,
    );
    expect(Math.round(stored!["firstSyncDays"]!)).toBe(days);
    expect(Math.round(stored!["oldestUpdateDays"]!)).toBe(days);
    expect(stored!["daysOfChanges"]).toBeGreaterThan(days / 2);
    expect(stored).toMatchObject({ changesOutside: 0, assetsBefore: 0, onlineLongAgo: 0 });
    expect(stored).toMatchObject({ customFields: 5, fieldsWithValues: 5 });
    expect(stored!["freshDays"]).toBeGreaterThanOrEqual(days);
  } finally {
    await database.close();
  }
}

// Uses its own embedded database, whatever database the others use.
describe.runIf(testDatabaseKind() === "embedded")("the demo", () => {
  it("syncs a simulated account, plays some days and ends with one line of JSON that adds up", async () => {
    const { exitCode, out } = await demo(["--exit", "--devices", "120", "--days", "6"]);
    expect(exitCode).toBe(0);
    const last = JSON.parse(out.trimEnd().split("\n").at(-1)!) as Record<string, number>;
    expect(last).toMatchObject({
      ok: true,
      status: "completed",
      devices: 120,
      updated: 0,
      unchanged: 0,
      failed: 0,
    });
    expect(last["created"]! + last["skipped"]!).toBe(120);
    expect(last["alerts"]).toBeGreaterThan(0);
    expect(last["updates"]).toBeGreaterThan(0);
    expect(last).toMatchObject({ historyDays: 6 });
    await expectHistory(6);
  });

  it.each([
    ["an unknown option", ["--bogus"], /^Unknown option '--bogus'\. Usage: npm run demo/],
    ["a number that is none", ["--devices", "abc"], /^--devices is a number.*Usage: npm run demo/],
  ])("refuses %s in one line before anything starts", async (_, args, line) => {
    expect(await demo(args)).toEqual({ exitCode: 1, out: "", error: expect.stringMatching(line) });
  });

  it("finds out before it syncs that its port is taken", async () => {
    const other = createServer().listen();
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    try {
      expect(await demo(["--devices", "20"], { PORT: String(port) })).toEqual({
        exitCode: 1,
        out: "",
        error: `Port ${port} is in use. Stop what uses it, or set PORT to another.\n`,
      });
    } finally {
      other.close();
    }
  });
});
