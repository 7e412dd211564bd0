import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows } from "@db/client";

import { createIntegration } from "../../support/factories";
import { createWebWorld, type Browser, type WebWorld } from "../../support/web";

const BUNDLE = "/settings/support.tar.gz";

let web: WebWorld;
let folder: string;
let ours: Awaited<ReturnType<WebWorld["tenant"]>>;

beforeAll(async () => {
  web = await createWebWorld();
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-support-"));
  ours = await web.tenant();
  await createIntegration(web.database.db, {
    tenantId: ours.id,
    label: "Our account",
    lastSyncError: "OUR-OWN",
  });
});
afterAll(async () => {
  await web.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The text of each file of the downloaded bundle, by name. */
async function download(browser: Browser): Promise<Record<string, string>> {
  const answer = await browser.get(BUNDLE);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Disposition")).toMatch(
    /^attachment; filename="plumbline-support-[^"]+\.tar\.gz"$/,
  );
  const to = mkdtempSync(path.join(folder, "unpacked-"));
  writeFileSync(path.join(to, "bundle.tar.gz"), Buffer.from(await answer.arrayBuffer()));
  execFileSync("tar", ["-xzf", path.join(to, "bundle.tar.gz"), "-C", to]);
  const inside = path.join(to, "plumbline-support");
  return Object.fromEntries(
    readdirSync(inside).map((name) => [name, readFileSync(path.join(inside, name), "utf8")]),
  );
}

it("is downloaded under Connections only by administrators, equals what the command writes, and is in the audit log", async () => {
  const page = await (await ours.as.admin.get("/settings/integrations")).text();
  expect(page).toContain(`href="${BUNDLE}"`);
  expect(await (await ours.as.technician.get("/settings/integrations")).text()).not.toContain(BUNDLE);
  expect((await ours.as.technician.get(BUNDLE)).status).toBe(403);
  const files = await download(ours.as.admin);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(["about.json", "settings.json", "database.json", "tables.json", "runs.json"]),
  );
  expect(files["connections.json"]).toContain("OUR-OWN");
  expect(Object.values(files).join()).not.toContain("a-secret-for-tests");
  expect(Object.values(files).join()).not.toContain("Our account");
  const log = await queryRows(
    web.database.db,
    sql`select actor from audit_log where tenant_id = ${ours.id} and action = 'support.downloaded'`,
  );
  expect(log).toEqual([{ actor: ours.users.admin.email }]);
});

it("covers only one company if several share the installation, and nothing of the server", async () => {
  const theirs = await web.tenant();
  const { id } = await createIntegration(web.database.db, {
    tenantId: theirs.id,
    label: "Their account",
    lastSyncError: "THEIR-OWN",
  });
  const files = await download(ours.as.admin);
  expect(Object.keys(files).sort()).toEqual(
    ["about", "connections", "counts", "errors", "queues", "runs"].map((name) => `${name}.json`),
  );
  const whole = Object.values(files).join("\n");
  expect(whole).toContain("OUR-OWN");
  for (const other of ["THEIR-OWN", id, theirs.id, "failed"]) expect(whole).not.toContain(other);
  expect(JSON.parse(files["counts.json"]!)).toMatchObject({ tenants: 1, connections: 1, people: 3 });
  const about = JSON.parse(files["about.json"]!) as object;
  expect(Object.keys(about).sort()).toEqual(["database", "madeAt", "version"]);
});
