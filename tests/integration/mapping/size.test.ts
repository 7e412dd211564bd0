import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { createIntegration } from "@tests/support/factories";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

const GROUPS = 2_000;
/** What a page may take on the server. */
const LIMIT_MS = 300;

let web: WebWorld;
let admin: Browser;
let id: string;

/** 200 top-level groups of ten, 30,000 devices, and as many clients as groups at the top, half of them alike. */
beforeAll(async () => {
  web = await createWebWorld();
  const tenant = await web.tenant();
  admin = tenant.as.admin;
  const { db } = web.database;
  id = (await createIntegration(db, { tenantId: tenant.id })).id;
  await db.execute(sql`
    insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, parent_external_id, name, path)
    select gen_random_uuid(), ${tenant.id}, ${id}, 'g' || n, case when n % 10 = 0 then null else 'g' || (n - n % 10) end,
      name, name
    from (select n, (case when n % 10 = 0 then 'Customer number ' else 'Site of customer ' end) || md5(n::text) as name
          from generate_series(0, ${GROUPS - 1}) n) g`);
  await db.execute(sql`
    insert into clients (id, tenant_id, name)
    select gen_random_uuid(), ${tenant.id}, 'Customer number ' || md5((n * 10)::text) || case when n % 2 = 0 then '' else ' Inc' end
    from generate_series(0, 1999) n`);
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
      external_group_id, display_name, skip_reason, content_hash, observed_at)
    select gen_random_uuid(), ${tenant.id}, ${id}, 'levelio', 'd' || n, 'g' || (n % ${GROUPS}), 'PC ' || n, 'unmapped', '', now()
    from generate_series(1, 30000) n`);
  await db.execute(sql`analyze`);
});
afterAll(() => web.close());

it(`the mapping page of ${GROUPS} groups is answered in under ${LIMIT_MS} ms`, async () => {
  const address = `/settings/integrations/levelio/${id}/mapping`;
  const times: number[] = [];
  // The best of some: what else the machine does meanwhile is not the page's.
  while (times.length < 20 && !(Math.min(...times) < LIMIT_MS)) {
    const startedAt = performance.now();
    const html = await (await admin.get(address)).text();
    times.push(Math.round(performance.now() - startedAt));
    expect(html).toContain("Customer number");
    // Of the 200 groups at the top only those in view are drawn.
    expect(html.match(/role="row"/g)!.length).toBeLessThan(60);
  }
  expect(Math.min(...times), `ms: ${times.join(", ")}`).toBeLessThan(LIMIT_MS);
}, 60_000);
