import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";

let level: LevelWorld;
let theirs: Awaited<ReturnType<LevelWorld["web"]["tenant"]>>;
let id: string;

beforeAll(async () => {
  level = await createLevelWorld();
  id = await level.connect(level.tenant.as.admin);
  await level.sync(level.tenant.as.admin, id, "full");
  theirs = await level.web.tenant();
});
afterAll(() => level.close());

const everything = async () =>
  JSON.stringify(
    await queryRows(
      level.web.database.db,
      sql`select
        (select jsonb_agg(to_jsonb(i) order by id) from rmm_integrations i) as integrations,
        (select jsonb_agg(to_jsonb(s) order by id) from tenant_secrets s) as secrets,
        (select jsonb_agg(to_jsonb(g) order by id) from rmm_organization_mappings g) as groups,
        (select jsonb_agg(to_jsonb(r) order by id) from rmm_sync_runs r) as runs,
        (select jsonb_agg(to_jsonb(c) order by id) from clients c) as clients`,
    ),
  );

/** Each action of each page, as somebody who means it would send it. */
async function attempts(): Promise<
  ["" | "/mapping" | "/devices" | "/webhook" | "/groups", Record<string, string>][]
> {
  const [device] = await queryRows<{ externalId: string }>(
    level.web.database.db,
    sql`select external_id as "externalId" from tenant_external_entity_mappings limit 1`,
  );
  const [group] = await queryRows<{ externalId: string; runId: string }>(
    level.web.database.db,
    sql`select external_id as "externalId", (select id from rmm_sync_runs limit 1) as "runId"
        from rmm_organization_mappings limit 1`,
  );
  const { externalId, runId } = group!;
  const changes = JSON.stringify([{ externalId, state: "excluded" }]);
  const version = "0";
  return [
    ["", { intent: "replace-key", apiKey: level.simulator.apiKey }],
    ["", { intent: "test" }],
    ["", { intent: "check-setup" }],
    ["", { intent: "sync", type: "full" }],
    ["", { intent: "cancel", runId }],
    ["", { intent: "schedule", minutes: "120", alertsMinutes: "15" }],
    ["", { intent: "resume" }],
    ["", { intent: "rename", label: "Taken over" }],
    ["", { intent: "disconnect", assets: "retire" }],
    ["/mapping", { intent: "preview", version, changes }],
    ["/mapping", { intent: "save", version, changes }],
    ["/groups", { intent: "preview-group", version, externalId, choice: "excluded" }],
    ["/groups", { intent: "save-group", version, externalId, choice: "excluded" }],
    ["/devices", { intent: "sync-device", externalDeviceId: device!.externalId }],
    ["/webhook", { intent: "reveal" }],
    ["/webhook", { intent: "rotate" }],
  ];
}

const pages = ["", "/mapping", "/devices", "/webhook", "/groups", "/progress"];
const nobody = "0193a0f2-0000-7000-8000-000000000000";

describe("a connection of another tenant", () => {
  it("is there for its own tenant, so that the rest of this test means something", async () => {
    for (const page of pages) {
      const response = await level.tenant.as.viewer.get(`/settings/integrations/levelio/${id}${page}`);
      expect(response.status, page).toBe(200);
    }
  });

  it("is not found on any page, like one that nobody has", async () => {
    for (const integrationId of [id, nobody, "x", "%00", "..%2f"]) {
      for (const page of pages) {
        const response = await theirs.as.admin.get(`/settings/integrations/levelio/${integrationId}${page}`);
        expect(response.status, integrationId + page).toBe(404);
        expect(await response.text()).not.toContain(level.tenant.id);
      }
    }
    expect((await theirs.as.admin.get(`/settings/integrations/${id}`)).status).toBe(404);
    expect(await (await theirs.as.admin.get("/settings/integrations/levelio")).text()).not.toContain(id);
  });

  it("takes no action, and nothing of it changes", async () => {
    const before = await everything();
    for (const [page, fields] of await attempts()) {
      const answer = await level.act(theirs.as.admin, id, page, fields);
      expect(answer.status, `${page} ${fields["intent"]}`).toBe(404);
    }
    expect(await everything()).toBe(before);
  });

  it("has a run that cannot be cancelled through a connection of one's own", async () => {
    const own = await level.connect(theirs.as.admin);
    const press = await level.act(level.tenant.as.admin, id, "", { intent: "sync", type: "full" });
    expect(press.location).not.toBeNull();
    const [run] = await queryRows<{ id: string }>(
      level.web.database.db,
      sql`select id from rmm_sync_runs where status = 'queued' limit 1`,
    );
    const answer = await level.act(theirs.as.admin, own, "", { intent: "cancel", runId: run!.id });
    expect(answer.status).toBe(404);
  });
});
