import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import type { Browser } from "@tests/support/web";

import { readAll, readSome } from "../../support/custom-fields";
import { createLevelWorld, type LevelWorld } from "../../support/level-world";

let level: LevelWorld;
let admin: Browser;
let technician: Browser;
let viewer: Browser;
let id: string;
let asset: { id: string; device: string };

beforeAll(async () => {
  level = await createLevelWorld({ devices: 20 });
  ({ admin, technician, viewer } = level.tenant.as);
  id = await level.connect(admin);
  await level.sync(admin, id, "organizations");
  const groups = await queryRows<{ externalId: string }>(
    level.web.database.db,
    sql`select external_id as "externalId" from rmm_organization_mappings where parent_external_id is null`,
  );
  const changes = groups.map(({ externalId }, n) => ({
    externalId,
    state: "mapped",
    clientName: `Client ${n}`,
  }));
  await level.act(admin, id, "/mapping", { intent: "save", version: "0", changes: JSON.stringify(changes) });
  await level.sync(admin, id, "full");
  const [row] = await queryRows<typeof asset>(
    level.web.database.db,
    sql`select a.id, m.external_id as device from assets a
        join tenant_external_entity_mappings m on m.asset_id = a.id order by m.external_id limit 1`,
  );
  asset = row!;
});
afterAll(() => level.close());

const world = () => ({ tenantId: level.tenant.id, connectionId: id, deps: level.web.app.sync });
const textOf = async (browser: Browser, path: string) =>
  (await (await browser.get(path)).text())
    .replace(/<script[\s\S]*?<\/script>/g, " ")
    .replace(/<!-- -->/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
const assetPage = (browser: Browser) => textOf(browser, `/assets/${asset.id}`);
const connectionPage = (browser: Browser) => textOf(browser, `/settings/integrations/levelio/${id}`);
const choose = (customFields: string, browser = admin) =>
  level.act(browser, id, "", { intent: "custom-fields", customFields });
const devices = async () =>
  (
    await queryRows<{ n: number }>(
      level.web.database.db,
      sql`select count(*)::int as n from tenant_external_entity_mappings where asset_id is not null`,
    )
  )[0]!.n;

describe("before custom fields are switched on", () => {
  it("an asset says why it shows none, and an administrator where to switch them on", async () => {
    expect(await assetPage(viewer)).toContain("Custom fields are not read");
    expect(await assetPage(viewer)).not.toContain("Set how often they are read");
    expect(await (await admin.get(`/assets/${asset.id}`)).text()).toContain(
      `href="/settings/integrations/levelio/${id}"`,
    );
  });

  it("the connection says what each choice costs", async () => {
    const n = (await devices()) + 1;
    const page = await connectionPage(admin);
    expect(page).toContain(`a reading takes ${n} calls`);
    expect(page).toContain(`Daily: ${n} calls a day`);
    expect(page).toContain(`Weekly: ${Math.round(n / 7)} calls a day`);
    expect(page).not.toContain("Read now");
  });
});

describe("custom fields of a connection", () => {
  it("can be switched on only by people who manage the connection", async () => {
    expect((await choose("daily", technician)).status).toBe(403);
    expect((await choose("hourly")).status).toBe(422);
    expect((await choose("daily")).location).toBe(`/settings/integrations/levelio/${id}`);
    expect(await assetPage(viewer)).toContain("Custom fields are not read yet");
    const entries = await queryRows(
      level.web.database.db,
      sql`select details from audit_log where action = 'integration.settings_changed'`,
    );
    expect(entries).toEqual([{ details: { customFields: { from: "off", to: "daily" } } }]);
  });

  it("are not changed by a form that shows what somebody else changed meanwhile", async () => {
    const { customFields } = await level.load<{ customFields: { version: string } }>(admin, id);
    await choose("weekly");
    const answer = await level.act(admin, id, "", {
      intent: "custom-fields",
      customFields: "off",
      version: customFields.version,
    });
    expect(answer.status).toBe(409);
    await choose("daily");
  });

  it("show the progress of a reading, and the result of the last one", async () => {
    const n = await devices();
    await readSome(world(), 5);
    expect(await connectionPage(viewer)).toContain(`5 of ${n} devices read`);
    await readAll(world());
    const page = await connectionPage(viewer);
    expect(page).toContain(`: ${n} of ${n} devices`);
    expect(page).toContain("5, 1 shown to administrators only");
  });

  it("count in the forecast of calls, and in those of the last day", async () => {
    const { calls } = await level.load<{ calls: { scheduledCalls: number } }>(admin, id);
    // One call for each device, and one for the list of fields.
    expect(calls.scheduledCalls).toBe((await devices()) + 1);
  });

  it("are read at once if somebody asks for it", async () => {
    const before = level.simulator.stats.byResource.custom_field_values!;
    expect((await level.act(viewer, id, "", { intent: "read-custom-fields" })).status).toBe(403);
    await level.act(technician, id, "", { intent: "read-custom-fields" });
    await readAll(world());
    expect(level.simulator.stats.byResource.custom_field_values! - before).toBe(await devices());
  });
});

describe("an asset", () => {
  it("shows the values that apply to it, and those for administrators only to people who manage connections", async () => {
    const { account } = level.simulator;
    const [contact] = account.customFields.ids();
    account.setCustomFieldValue(contact!, asset.device, "Ada\next. 7");
    await level.act(technician, id, "", { intent: "read-custom-fields" });
    await readAll(world());
    const page = await assetPage(viewer);
    expect(page).toContain("Site contact Ada ext. 7");
    expect(page).toContain("Backup");
    expect(page).toContain("As Level has them; edit them there.");
    for (const browser of [viewer, technician]) {
      expect(await assetPage(browser)).not.toContain("After hours code");
      expect(await (await browser.get(`/assets/${asset.id}`)).text()).not.toContain("4711#");
    }
    expect(await assetPage(admin)).toContain("After hours code Administrators only 4711#");
  });

  it("has the change of a value in its history", async () => {
    const history = await textOf(viewer, `/assets/${asset.id}/history`);
    expect(history).toContain("Site contact (custom field)");
    expect(history).toContain("Reading custom fields");
  });

  it("says what the key may not read, and what to do", async () => {
    const fault = level.simulator.faults.add({ kind: "forbidden", resource: "custom_fields" });
    await level.act(technician, id, "", { intent: "read-custom-fields" });
    expect(await readAll(world())).toEqual({ state: "gave_up" });
    fault.remove();
    for (const page of [await assetPage(viewer), await connectionPage(viewer)]) {
      expect(page).toContain("This API key may not read custom fields.");
      expect(page).toContain("Read-only or Read &amp; write access");
    }
  });

  it("keeps the stored values once custom fields are switched off, and says so", async () => {
    await choose("off");
    const page = await assetPage(viewer);
    expect(page).toContain("Ada ext. 7");
    expect(page).toContain("; not read any more");
    expect(page).not.toContain("may not read");
  });

  it("that no RMM knows shows no custom fields at all", async () => {
    const [made] = await queryRows<{ id: string }>(
      level.web.database.db,
      sql`insert into assets (id, tenant_id, asset_type, name)
          values (gen_random_uuid(), ${level.tenant.id}, 'server', 'By hand') returning id`,
    );
    expect(await textOf(viewer, `/assets/${made!.id}`)).not.toContain("Custom fields");
  });
});
