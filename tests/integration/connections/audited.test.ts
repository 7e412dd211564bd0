import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { auditLog, tenantExternalEntityMappings } from "@db/schema";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import type { Browser } from "@tests/support/web";

let level: LevelWorld;
let technician: Browser;
let id: string;

beforeAll(async () => {
  level = await createLevelWorld();
  technician = level.tenant.as.technician;
  id = await level.connect(level.tenant.as.admin, { label: "Head office" });
  await level.sync(level.tenant.as.admin, id, "full");
});
afterAll(() => level.close());
beforeEach(() => level.web.database.db.delete(auditLog));

const log = () => level.web.database.db.select().from(auditLog).orderBy(desc(auditLog.id));
const who = () => ({
  actor: level.tenant.users.technician.email,
  actorUserId: level.tenant.users.technician.id,
  ip: "192.0.2.1",
});

describe("the audit log", () => {
  it("has who requested which sync, with another entry for a second click", async () => {
    for (let n = 0; n < 2; n++)
      await level.act(technician, id, "", { intent: "sync", type: "organizations" });
    const [second, first, ...others] = await log();
    expect(first).toMatchObject({
      ...who(),
      action: "run.requested",
      targetType: "run",
      details: { type: "organizations", connection: "Head office" },
    });
    expect(second).toMatchObject({ targetId: first!.targetId, details: { joined: true } });
    expect(others).toEqual([]);
  });

  it("has who had a single device read", async () => {
    const [device] = await level.web.database.db
      .select()
      .from(tenantExternalEntityMappings)
      .where(eq(tenantExternalEntityMappings.tenantId, level.tenant.id))
      .limit(1);
    await level.act(technician, id, "/devices", {
      intent: "sync-device",
      externalDeviceId: device!.externalId,
    });
    expect(await log()).toMatchObject([
      { ...who(), action: "run.requested", details: { type: "device", device: device!.externalId } },
    ]);
  });

  it("has who tested the key, and the result", async () => {
    await level.act(technician, id, "", { intent: "test" });
    level.simulator.faults.add({ kind: "forbidden", resource: "alerts", times: 10 });
    await level.act(technician, id, "", { intent: "check-setup" });
    const target = { ...who(), targetType: "integration", targetId: id };
    expect(await log()).toMatchObject([
      {
        ...target,
        action: "integration.setup_checked",
        details: { groups: "ok", devices: "ok", updates: "ok", alerts: expect.stringMatching(/./) as string },
      },
      { ...target, action: "integration.tested", details: { outcome: "ok" } },
    ]);
    level.simulator.faults.clear();
  });
});
