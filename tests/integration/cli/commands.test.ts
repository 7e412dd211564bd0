import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { createCliWorld, runCommand, type CliWorld } from "../../support/cli";
import { testDatabaseKind } from "../../support/database";
import { TEST_APP_SECRET } from "../../support/sync";

/** What a command does whatever the database: the embedded one takes a second to open for each. */
const onPostgres = it.runIf(testDatabaseKind() === "postgres");

describe("the command line", () => {
  let world: CliWorld;
  beforeAll(async () => {
    world = await createCliWorld({ devices: 30, seed: 3 });
  });
  afterAll(() => world.close());

  const connectWith = (apiKey: string, ...more: string[]) =>
    world.json("connect", "--api-key", apiKey, ...more);

  it("connects an account, maps its groups, syncs it by the durable functions, and lists the runs", async () => {
    const { simulator, json } = world;
    const connected = await connectWith(simulator.apiKey);
    expect(connected).toMatchObject({ label: "Level", isNew: true });
    expect(await json("sync", "organizations", "--wait")).toMatchObject({ status: "completed" });
    expect(await json("map", "--auto")).toMatchObject({ state: "mapped" });
    const full = await json("sync", "full", "--wait");
    expect(full).toMatchObject({ status: "completed", summary: { devices: { seen: 30 } }, error: null });
    const runs = (await json("runs")) as unknown as { type: string; status: string; trigger: string }[];
    // The account's alerts are compared every quarter of an hour, which may happen in between.
    const asked = runs.filter(({ trigger }) => trigger !== "schedule");
    expect(asked.map((run) => `${run.type} ${run.status}`)).toEqual([
      "full completed",
      "organizations completed",
    ]);
  });

  onPostgres("shows the feature flags of a tenant, and refuses Level while they hide it", async () => {
    const { cli, json } = world;
    const flag = "levelio-rmm-integration";
    expect(await json("flags", "--set", `${flag}=off`)).toMatchObject({
      flags: [{ flag, environment: "on", tenant: "off", effective: "off" }],
    });
    for (const command of [
      ["sync", "full"],
      ["map", "--auto"],
      ["connect", "--api-key", "any"],
      ["webhook"],
    ]) {
      expect(await cli(...command), command.join(" ")).toMatchObject({
        exitCode: 1,
        error: expect.stringContaining("Level is not available to this tenant."),
      });
    }
    expect(await cli("flags", "--set", "typo=on")).toMatchObject({
      exitCode: 1,
      error: expect.stringContaining(flag),
    });
    expect(await cli("flags", "--set", `${flag}=maybe`)).toMatchObject({ exitCode: 1 });
    expect((await cli("flags", "--set", `${flag}=default`)).out).toMatch(/on +default +on/);
  });

  it("syncs one device, and ends with code 1 when a sync fails", async () => {
    const { simulator, cli } = world;
    const [device] = [...simulator.account.devices];
    expect(await cli("sync", "device", device!.id, "--wait")).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^device sync completed/),
    });
    simulator.faults.add({ kind: "status", status: 401 });
    const failed = await cli("sync", "full", "--wait");
    simulator.faults.clear();
    expect(failed).toMatchObject({ exitCode: 1, out: expect.stringMatching(/^full sync failed/) });
    expect(failed.out).toMatch(/API key/);
  });

  it("replaces the key of a connection that has the label, and keeps its mappings", async () => {
    const { simulator, json } = world;
    expect(await connectWith(simulator.readOnlyApiKey)).toMatchObject({ label: "Level", isNew: false });
    expect(await json("sync", "full", "--wait")).toMatchObject({
      status: expect.stringMatching(/^completed/),
      summary: { devices: { seen: 30, created: 0 } },
    });
  });

  onPostgres("maps a group by its path or its id, and asks which one if two have the path", async () => {
    const { simulator, cli } = world;
    const twins = [0, 1].map(() => simulator.account.addGroup({ name: "Twin" }));
    await cli("sync", "organizations", "--wait");
    const ambiguous = await cli("map", "--group", "twin", "--client", "Twin Ltd");
    expect(ambiguous).toMatchObject({ exitCode: 1, out: "" });
    expect(ambiguous.error).toMatch(/There are 2 groups "twin"/);
    for (const { id } of twins) expect(ambiguous.error).toContain(id);
    expect(await cli("map", "--group", twins[0]!.id, "--client", "Twin Ltd")).toMatchObject({ exitCode: 0 });
  });

  it("examines the installation, and ends with code 1 while no process executes its syncs", async () => {
    const said = await world.cli("doctor", "--json");
    expect(said.exitCode).toBe(1);
    const findings = JSON.parse(said.out) as { check: string; state: string }[];
    const problems = findings.filter((finding) => finding.state === "problem");
    expect(problems.map((finding) => finding.check)).toEqual(["runner"]);
    expect(findings.map((finding) => finding.check)).toContain("level");
  });

  onPostgres.each<[string, string[], RegExp]>([
    ["an unknown command", ["snyc"], /unknown command 'snyc'/],
    ["an unknown option", ["runs", "--bogus"], /unknown option '--bogus'/],
    ["an unknown kind of sync", ["sync", "everything"], /everything/],
    ["a tenant that is not there", ["runs", "--tenant", "nope"], /no tenant "nope"/],
    ["a tenant that is not there, for the doctor", ["doctor", "--tenant", "nope"], /no tenant "nope"/],
    [
      "a tenant that is not there, for a rotation",
      ["secrets", "rotate", "--tenant", "nope"],
      /no tenant "nope"/,
    ],
    [
      "a group that is not there",
      ["map", "--group", "No / Where", "--client", "X"],
      /no group "No \/ Where"/,
    ],
    ["a client without a name", ["map", "--group", "Twin", "--client", "  "], /--client has no name/],
    ["a label without a name", ["connect", "--api-key", "k", "--label", " "], /--label has no name/],
    [
      "a label of 10 KB",
      ["connect", "--api-key", "k", "--label", "x".repeat(10_000)],
      /more than 80 characters/,
    ],
    ["a wrong key", ["connect", "--api-key", "wrong", "--label", "New"], /API key/],
    ["a connection that is not there", ["sync", "full", "--connection", "No"], /no connection "No"/],
    ["a run that is not there", ["runs", "cancel", "nonsense"], /not the id of a run/],
  ])("refuses %s in one line, also in JSON if requested", async (_, args, text) => {
    const plain = await world.cli(...args);
    expect(plain).toMatchObject({ exitCode: 1, out: "", error: expect.stringMatching(text) });
    expect(plain.error).not.toMatch(/^\s+at /m);
    const asJson = await world.cli(...args, "--json");
    expect(asJson.exitCode).toBe(1);
    expect(JSON.parse(asJson.out)).toEqual({ error: expect.stringMatching(text) });
  });

  it("rotates past secrets that it cannot open, lists them, and ends with code 1", async () => {
    const { resealed, upToDate, lost } = await world.json("secrets", "rotate");
    expect([resealed, lost]).toEqual([0, []]);
    vi.stubEnv("APP_SECRET", "another-secret-of-at-least-32-characters");
    const rotated = await world.cli("secrets", "rotate");
    vi.stubEnv("APP_SECRET", TEST_APP_SECRET);
    expect(rotated).toMatchObject({ exitCode: 1, out: expect.stringContaining("Sealed 0 secrets anew") });
    expect(rotated.error).toContain(`${Number(upToDate)} secrets could not be opened`);
    expect(rotated.error).toMatch(/api_key +A stored secret was sealed with another APP_SECRET/);
    expect(rotated.error).not.toContain(TEST_APP_SECRET);
  });

  onPostgres("starts no sync while the Inngest server that would execute it does not answer", async () => {
    const before = await world.json("runs");
    vi.stubEnv("INNGEST_DEV", "http://127.0.0.1:9");
    const followed = await world.cli("sync", "full", "--wait");
    const unfollowed = await world.cli("sync", "full");
    vi.stubEnv("INNGEST_DEV", undefined);
    for (const { exitCode, out, error } of [followed, unfollowed]) {
      expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
      expect(error).toMatch(/Inngest server at http:\/\/127\.0\.0\.1:9 does not answer.*INNGEST_BASE_URL/s);
    }
    expect(await world.json("runs")).toEqual(before);
  });

  onPostgres("prints its help without treating that as an error", async () => {
    expect(await world.cli("--help")).toMatchObject({ exitCode: 0, out: expect.stringContaining("sync") });
  });
});

// One that a command opens without any other database.
describe.runIf(testDatabaseKind() === "embedded")("a data folder that cannot be used", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-folder-"));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  const doctorOn = (dataDir: string) => {
    vi.stubEnv("DATABASE_URL", undefined);
    vi.stubEnv("DATA_DIR", dataDir);
    return runCommand("doctor");
  };

  it("is named in one line if it is below a file", async () => {
    expect(await doctorOn("/dev/null/x")).toMatchObject({
      exitCode: 1,
      error: expect.stringMatching(/^\/dev\/null\/x cannot be written.*DATA_DIR.*\n$/),
    });
  });

  it("is named in one line if it is a file", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    expect(await doctorOn(file)).toMatchObject({
      exitCode: 1,
      error: expect.stringMatching(/file is a file, not a folder.*DATA_DIR.*\n$/),
    });
    rmSync(file);
  });

  it("is named in one line if its files are damaged, and the process lets go of it", async () => {
    mkdirSync(path.join(folder, "pglite"));
    writeFileSync(path.join(folder, "pglite", "PG_VERSION"), "damaged");
    for (let i = 0; i < 2; i++) {
      const said = await doctorOn(folder);
      expect(said).toMatchObject({ exitCode: 1, error: expect.stringMatching(/damaged.*backup.*\n$/) });
      expect(said.error).toContain(folder);
    }
  });
});
