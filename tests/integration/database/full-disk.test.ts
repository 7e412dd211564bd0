import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { sql } from "drizzle-orm";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

import { runCommand } from "@tests/support/cli";
import { compileProgram } from "@tests/support/compiled";
import { testDatabaseKind } from "@tests/support/database";
import { copyMigratedFolder } from "@tests/support/embedded-folder";
import { openDatabase } from "~/platform/database.server";

const DISK_MB = 160;

const probe = mkdtempSync(path.join(tmpdir(), "plumbline-disk-"));
const mount = (at: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs", at]).status === 0;
const canMount = testDatabaseKind() === "embedded" && mount(probe);

/** Mounts a small disk of its own, which needs root or a container with the right. */
describe.skipIf(!canMount)("a full disk under the embedded database", () => {
  const dataDir = path.join(probe, "data");
  const filler = path.join(probe, "filler");
  const fill = (leftBytes: number) => {
    rmSync(filler, { force: true });
    const { bavail, bsize } = statfsSync(probe);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - leftBytes));
  };
  const doctor = () => {
    vi.stubEnv("DATABASE_URL", undefined);
    vi.stubEnv("DATA_DIR", dataDir);
    return runCommand("doctor");
  };
  const noSpace = {
    exitCode: 1,
    error: expect.stringMatching(/^No space left .*data.*Make room.*\n$/),
  };

  afterEach(() => {
    for (const path of [dataDir, filler]) rmSync(path, { recursive: true, force: true });
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    spawnSync("umount", [probe]);
    rmSync(probe, { recursive: true, force: true });
  });

  it("at the first start is named, and leaves nothing that looks damaged", async () => {
    mkdirSync(dataDir);
    for (const left of [0, 4_000_000]) {
      fill(left);
      expect(await doctor(), `${left} bytes left`).toMatchObject(noSpace);
    }
    rmSync(filler);
    const connection = await openDatabase({ databaseUrl: undefined, dataDir });
    await connection.close();
  });

  it("ends the process in the middle of its work with a line in the log, and loses nothing", async () => {
    await copyMigratedFolder(dataDir);
    const child = spawn(process.execPath, [compileProgram("tests/support/full-disk-process.ts")], {
      env: { ...process.env, DATABASE_URL: "", DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = text(child.stdout);
    const [exitCode] = (await once(child, "exit")) as [number];
    const lines = (await output).trim().split("\n");
    const logged = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    expect({ exitCode, last: logged.at(-1) }).toMatchObject({
      exitCode: 1,
      last: { level: "fatal", msg: expect.stringMatching(/^No space left in .*data\. Make room/) },
    });
    expect(lines.join("")).not.toContain("damaged");
    const stored = lines.filter((line) => line.startsWith("stored ")).length;

    expect(await doctor()).toMatchObject(noSpace);

    rmSync(filler);
    const connection = await openDatabase({ databaseUrl: undefined, dataDir });
    const [kept] = (await connection.db.execute(sql`select count(*)::int as rows from kept`)) as unknown as [
      { rows: number },
    ];
    await connection.close();
    // The row whose answer the end of the process cut off may be stored as well.
    expect(kept.rows - stored).toBeOneOf([0, 1]);
    expect(stored).toBeGreaterThan(0);
  });
});
