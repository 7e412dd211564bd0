import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { skipReasons } from "@domain/device-plan";
import { createIntegration } from "@tests/support/factories";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

let web: WebWorld;
let admin: Browser;
let id: string;

beforeAll(async () => {
  web = await createWebWorld();
  const tenant = await web.tenant();
  admin = tenant.as.admin;
  id = (await createIntegration(web.database.db, { tenantId: tenant.id, status: "disconnected" })).id;
  for (const reason of [...skipReasons, null]) {
    await web.database.db.execute(sql`
      insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id,
        display_name, skip_reason, content_hash, observed_at)
      values (gen_random_uuid(), ${tenant.id}, ${id}, 'levelio', ${`device-${reason}`}, ${`PC of ${reason}`}, ${reason},
        '', now())`);
  }
});
afterAll(() => web.close());

const page = (query = "") => `/settings/integrations/levelio/${id}/devices${query}`;
const data = async <T>(route: string, query = "") => {
  const routeId = `routes/_app.settings.integrations.levelio.$connectionId${route}`;
  const response = await admin.get(`${page()}?_data=${encodeURIComponent(routeId)}${query}`);
  return (await response.json()) as T;
};
const list = (query = "") =>
  data<{ rows: { name: string; reason: string }[]; total: number }>(".devices", query);

describe("the devices without a client", () => {
  it("are all listed, whatever the reason, as many as the tab says", async () => {
    const { rows, total } = await list();
    expect(rows.map((row) => row.reason).sort()).toEqual([...skipReasons].sort());
    const { connection } = await data<{ connection: { counts: { withoutClient: number } } }>("");
    expect(connection.counts.withoutClient).toBe(total);
  });

  it.each(skipReasons)("can be narrowed to those that are %s", async (reason) => {
    const { rows, total } = await list(`&state=${reason}`);
    expect(rows).toEqual([expect.objectContaining({ name: `PC of ${reason}`, reason })]);
    expect(total).toBe(1);
    expect(await (await admin.get(page(`?state=${reason}`))).text()).toContain(`value="${reason}" selected`);
  });

  it("say why one of them is not read", async () => {
    const answer = await admin.post(page(), { intent: "sync-device", externalDeviceId: "device-unmapped" });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("This account is disconnected.");
  });
});
