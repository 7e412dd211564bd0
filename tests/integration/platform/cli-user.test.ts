import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { queryRows } from "@db/client";
import { createTestDatabase, testDatabaseKind, type TestDatabase } from "@tests/support/database";

import { createProgram } from "../../../cli/program";

// The embedded database of a test has no address that a command could open.
describe.skipIf(testDatabaseKind() === "embedded")("`user add`", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    vi.stubEnv("DATABASE_URL", database.url);
    vi.stubEnv("APP_SECRET", "a-secret-for-tests-of-at-least-32-characters");
    vi.stubEnv("PASSWORD", "a long enough password");
    await add("--email", "first@example.com", "--company", "Acme Corp");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.close();
  });

  const add = async (...args: string[]) => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    await createProgram().parseAsync(["user", "add", ...args], { from: "user" });
  };
  const everything = () =>
    queryRows(
      database.db,
      sql`select t.slug, u.email from tenants t left join users u on u.tenant_id = t.id order by 1, 2`,
    );

  it("makes a company for a person", async () => {
    await add("--email", "Second@example.com", "--company", "Beta");
    expect(await everything()).toEqual([
      { slug: "acme-corp", email: "first@example.com" },
      { slug: "beta", email: "second@example.com" },
    ]);
  });

  it("makes a second account of an e-mail at another company, and refuses one at the same", async () => {
    await add("--email", "first@example.com", "--company", "Gamma");
    const before = await everything();
    expect(before).toContainEqual({ slug: "gamma", email: "first@example.com" });
    expect(before).toContainEqual({ slug: "acme-corp", email: "first@example.com" });
    const again = createProgram().parseAsync(
      ["--tenant", "gamma", "user", "add", "--email", "First@example.com"],
      { from: "user" },
    );
    await expect(again).rejects.toMatchObject({
      name: "CliError",
      message: "First@example.com has an account at this company already.",
    });
    expect(await everything()).toEqual(before);
  });

  it.each([
    [
      "a company whose short name is taken",
      "third@example.com",
      "ACME Corp!",
      'There is a tenant "acme-corp" already.',
    ],
  ])("refuses %s in one line, and writes nothing", async (_, email, company, message) => {
    const before = await everything();
    const outcome = add("--email", email, "--company", company);
    await expect(outcome).rejects.toMatchObject({ name: "CliError", message });
    expect(await everything()).toEqual(before);
  });
});
