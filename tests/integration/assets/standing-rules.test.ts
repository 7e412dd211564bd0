import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { listDifferences } from "@db/queries/assets/differences";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { defaultRules, type MatchingRules } from "@domain/matching-rules";
import { editAsset } from "~/features/assets/edit-asset.server";
import { changeMatchingRules } from "~/features/matching-rules/change-rules.server";

import { assetOf, createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

let world: SyncWorld;

/** One machine for each of two clients, with names that a person set and Level reports otherwise. */
beforeEach(async () => {
  world = await createSyncWorld({ devices: 0, seed: 3 });
  for (const name of ["Acme", "Globex"]) {
    const group = world.simulator.account.addGroup({ name });
    world.simulator.account.addDevice({
      id: name,
      group_id: group.id,
      hostname: `${name}-1`,
      nickname: null,
    });
  }
  await world.sync("organizations");
  await world.mapAll();
  await world.sync("full");
  for (const id of ["Acme", "Globex"]) await rename(id, "Reception");
});
afterEach(() => world.close());

const asset = async (id: string) => (await assetOf(world, id))!.asset;

async function rename(id: string, name: string) {
  const row = await asset(id);
  const before = fieldsOf(row);
  const version = assetVersion(before, row.overriddenFields);
  const ref = { tenantId: world.tenantId, assetId: row.id };
  const outcome = await editAsset(world.deps, ref, { ...before, name }, version, TEST_ACTOR);
  expect(outcome.state).toBe("saved");
}

const save = async (differences: MatchingRules["differences"]) =>
  expect(
    await changeMatchingRules(world.deps, world, { ...defaultRules, differences }, TEST_ACTOR),
  ).toMatchObject({ state: "saved" });

const different = async () => {
  const rows = await withTenant(world.deps.db, world.tenantId, (tx) =>
    listDifferences(
      tx,
      world.tenantId,
      { field: undefined, clientId: undefined, text: undefined },
      { after: undefined, limit: 50 },
    ),
  );
  return rows.map(({ client, field }) => `${field} of ${client}`);
};

describe("standing rules for differences to Level", () => {
  it("resolve differences as soon as they are saved, only in their client", async () => {
    expect(await different()).toEqual(["name of Acme", "name of Globex"]);
    await save([{ field: "name", clientId: (await asset("Acme")).clientId, keep: "ours" }]);
    expect(await different()).toEqual(["name of Globex"]);
    expect((await asset("Acme")).name).toBe("Reception");
  });

  it("always keep our name: nobody is asked again when Level reports another", async () => {
    await save([{ field: "name", clientId: (await asset("Acme")).clientId, keep: "ours" }]);
    for (const id of ["Acme", "Globex"]) world.simulator.account.renameDevice(id, "NEW-NAME");
    await world.sync("full");
    expect(await different()).toEqual(["name of Globex"]);
    expect((await asset("Acme")).name).toBe("Reception");
  });

  it("take Level's value if they say so, and let syncs write the field again", async () => {
    await save([{ field: "name", clientId: null, keep: "theirs" }]);
    expect((await asset("Globex")).name).toBe("Globex-1");
    world.simulator.account.renameDevice("Globex", "NEW-NAME");
    await world.sync("full");
    expect((await asset("Globex")).name).toBe("NEW-NAME");
  });

  it("follow the rule about one client before the one about all", async () => {
    const { clientId } = await asset("Acme");
    await save([
      { field: "name", clientId: null, keep: "theirs" },
      { field: "name", clientId, keep: "ours" },
    ]);
    expect((await asset("Acme")).name).toBe("Reception");
    expect((await asset("Globex")).name).toBe("Globex-1");
  });

  it("are in the audit log, asset by asset", async () => {
    await save([{ field: "name", clientId: null, keep: "ours" }]);
    const rows = await queryRows<{ n: number }>(
      world.database.db,
      sql`select count(*)::int as n from audit_log where action = 'asset.difference_kept'`,
    );
    expect(rows[0]!.n).toBe(2);
  });

  it("accept no foreign client, and each field of a client only once", async () => {
    const clientId = "0190a000-0000-7000-8000-000000000000";
    const rules = { ...defaultRules, differences: [{ field: "name", clientId, keep: "ours" } as const] };
    const outcome = await changeMatchingRules(world.deps, world, rules, TEST_ACTOR);
    expect(outcome).toMatchObject({ state: "invalid", problems: [{ field: "differences" }] });
  });
});
