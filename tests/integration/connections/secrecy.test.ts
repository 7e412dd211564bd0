import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";

let level: LevelWorld;
let id: string;
/** What the use cases passed to the logger. */
const logged: string[] = [];

beforeAll(async () => {
  level = await createLevelWorld();
  // Before the logger's own redaction: what is never logged need not be redacted.
  for (const method of ["debug", "info", "warn", "error"] as const) {
    level.web.app.log[method] = (fields: object, message?: string) => {
      logged.push(JSON.stringify({ fields, message }));
    };
  }
  const { admin } = level.tenant.as;
  id = await level.connect(admin);
  await level.sync(admin, id, "full");
  const fault = level.simulator.faults.add({ kind: "status", status: 401 });
  await level.sync(admin, id, "full");
  await level.act(admin, id, "", { intent: "test" });
  await level.act(admin, id, "", { intent: "check-setup" });
  fault.remove();
});
afterAll(() => level.close());

/** Every table of ours, as text. */
async function everyRow(): Promise<string> {
  const tables = await queryRows<{ name: string }>(
    level.web.database.db,
    sql`select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(15);
  let text = "";
  for (const { name } of tables)
    text += JSON.stringify(await queryRows(level.web.database.db, sql`select * from ${sql.raw(name)}`));
  return text;
}

it("the key is in no page, no answer to a script, no row and no log line", async () => {
  const key = level.simulator.apiKey;
  const { admin } = level.tenant.as;
  const pages = ["", "/mapping", "/devices", "/webhook"] as const;
  for (const page of pages) {
    const html = await (await admin.get(`/settings/integrations/levelio/${id}${page}`)).text();
    expect(html, page).toContain("</html>");
    expect(html, page).not.toContain(key);
    expect(JSON.stringify(await level.load(admin, id, page)), page).not.toContain(key);
  }
  for (const address of ["/", "/runs", "/settings/audit", "/settings/integrations"])
    expect(await (await admin.get(address)).text(), address).not.toContain(key);

  const rows = await everyRow();
  expect(rows).toContain("key_last_characters");
  expect(rows).not.toContain(key);
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.join("")).not.toContain(key);
});

it("a refused key is not sent back with the form", async () => {
  const typed = "typed-and-wrong-key";
  const { admin } = level.tenant.as;
  const page = await admin.post("/settings/integrations/levelio?index", {
    intent: "connect",
    label: "Other",
    apiKey: typed,
  });
  expect(page.status).toBe(422);
  expect(await page.text()).not.toContain(typed);
  expect(
    JSON.stringify((await level.act(admin, id, "", { intent: "replace-key", apiKey: typed })).body),
  ).not.toContain(typed);
  expect(await everyRow()).not.toContain(typed);
});
