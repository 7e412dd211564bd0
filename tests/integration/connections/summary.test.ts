import { afterAll, beforeAll, expect, it } from "vitest";

import { sql } from "drizzle-orm";

import { createLevelWorld, type LevelWorld } from "../../support/level-world";
import { countStatements } from "../../support/statements";
import type { Browser } from "../../support/web";

let world: LevelWorld;
let admin: Browser;
let id: string;
beforeAll(async () => {
  world = await createLevelWorld({ devices: 60, seed: 5 });
  admin = world.tenant.as.admin;
  id = await world.connect(admin);
});
afterAll(() => world.close());

/** The words of the page's summary. */
async function summary(): Promise<string> {
  const page = await (await admin.get(`/settings/integrations/levelio/${id}`)).text();
  const [, card] = /<h2[^>]*>Summary<\/h2>(.*?)<\/section>/s.exec(page)!;
  return card!
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .replaceAll(" :", ":")
    .trim();
}

it("the connection's page begins with its totals, and with dashes before the first sync", async () => {
  expect(await summary()).toBe(
    "Groups – not known Devices – not known Assets – not known Active alerts – not known " +
      "Last sync Groups: never Devices: never Alerts: never",
  );
  await world.sync(admin, id, "organizations");
  const client = sql`insert into clients (id, tenant_id, name)
    values (gen_random_uuid(), ${world.tenant.id}, 'Acme')`;
  await world.web.database.db.execute(client);
  await world.web.database.db.execute(sql`
    update rmm_organization_mappings set state = 'mapped', client_id = (select id from clients limit 1)
    where id in (select id from rmm_organization_mappings where parent_external_id is null order by name limit 1)`);
  await world.sync(admin, id, "full");
  await world.sync(admin, id, "alerts");
  const [row] = (await world.web.database.db.execute(sql`
    select (select count(*) from rmm_organization_mappings g where state = 'inherit' and split_part(g.path, ' / ', 1)
              = (select name from rmm_organization_mappings where state = 'mapped'))::int as inherits,
      (select count(*) from rmm_organization_mappings g where state = 'inherit' and split_part(g.path, ' / ', 1)
              <> (select name from rmm_organization_mappings where state = 'mapped'))::int as unmapped,
      (select count(*) from assets)::int as assets,
      (select count(*) from tenant_external_entity_mappings where skip_reason is not null)::int as without,
      (select count(*) from rmm_alerts where status = 'active')::int as alerts`)) as unknown as [
    Record<"inherits" | "unmapped" | "assets" | "without" | "alerts", number>,
  ];
  expect(row.inherits).toBeGreaterThan(0);
  expect(row.assets).toBeGreaterThan(0);
  expect(row.without).toBeGreaterThan(0);
  expect(await summary()).toContain(
    `Groups 1 mapped ${row.inherits} inherit, ${row.unmapped} not mapped Devices ${row.assets} with a client ${row.without} without a client ` +
      `Assets ${row.assets} assets Active alerts ${row.alerts} alert`,
  );
  expect(await summary()).not.toContain("never");
});

it("the connection's page uses as many statements for many devices as for none", async () => {
  const path = `/settings/integrations/levelio/${id}`;
  const before = await countStatements(world.web, admin, path);
  for (let n = 0; n < 40; n++) world.simulator.account.addDevice({});
  await world.sync(admin, id, "full");
  expect(await countStatements(world.web, admin, path)).toBe(before);
});
