import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readConnectionSettings } from "~/features/connections/integrations.page.server";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createGroup, createIntegration, createTenant } from "@tests/support/factories";

describe("a Level account that is connected twice", () => {
  let database: TestDatabase;
  let tenantId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    tenantId = (await createTenant(database.db)).id;
  });
  afterAll(() => database.close());

  const connection = async (label: string, groups: string[], row = {}) => {
    const integration = await createIntegration(database.db, { tenantId, label, ...row });
    for (const externalId of groups)
      await createGroup(database.db, { tenantId, connectionId: integration.id, externalId });
    return integration.id;
  };
  const twinsOf = async (connectionId: string) =>
    (await readConnectionSettings(database.db, tenantId, connectionId))!.duplicates.map(({ label }) => label);

  it("is shown at both connections, by the groups that both list", async () => {
    const main = await connection("Main", ["north", "south"]);
    const again = await connection("Again", ["south", "north"]);
    const other = await connection("Another account", ["west"]);

    expect(await twinsOf(main)).toEqual(["Again"]);
    expect(await twinsOf(again)).toEqual(["Main"]);
    expect(await twinsOf(other)).toEqual([]);
  });

  it("is no longer shown after one is disconnected, nor for a group that only one still lists", async () => {
    const left = await connection("Left", ["hill"]);
    const ended = await connection("Ended", ["hill"], { status: "disconnected" });
    const integration = await createIntegration(database.db, { tenantId, label: "Former" });
    await createGroup(database.db, {
      tenantId,
      connectionId: integration.id,
      externalId: "hill",
      goneAt: new Date(),
    });

    expect(await twinsOf(left)).toEqual([]);
    expect(await twinsOf(ended)).toEqual([]);
  });

  it("is invisible to another tenant", async () => {
    const mine = await connection("Mine", ["shared"]);
    const stranger = await createTenant(database.db);
    const theirs = await createIntegration(database.db, { tenantId: stranger.id });
    await createGroup(database.db, {
      tenantId: stranger.id,
      connectionId: theirs.id,
      externalId: "shared",
    });

    expect(await twinsOf(mine)).toEqual([]);
  });
});
