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

const pages = ["", "/mapping", "/devices", "/webhook", "/progress"];
const nobody = "0193a0f2-0000-7000-8000-000000000000";

describe("a connection of another tenant", () => {
  it("is visible to its own tenant, so that the rest of this test proves something", async () => {
    for (const page of pages) {
      const response = await level.tenant.as.viewer.get(`/settings/integrations/levelio/${id}${page}`);
      expect(response.status, page).toBe(200);
    }
  });

  it("is not found on any page, like an unknown one", async () => {
    for (const connectionId of [id, nobody, "x", "%00", "..%2f"]) {
      for (const page of pages) {
        const response = await theirs.as.admin.get(`/settings/integrations/levelio/${connectionId}${page}`);
        expect(response.status, connectionId + page).toBe(404);
        expect(await response.text()).not.toContain(level.tenant.id);
      }
    }
    expect((await theirs.as.admin.get(`/settings/integrations/${id}`)).status).toBe(404);
    expect(await (await theirs.as.admin.get("/settings/integrations/levelio")).text()).not.toContain(id);
  });

  it("has runs that cannot be cancelled through one's own connection", async () => {
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
