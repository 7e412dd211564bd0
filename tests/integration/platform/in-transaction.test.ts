import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { listUnrelayed } from "@db/queries/outbox/events";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";

describe("a transaction that emits events", () => {
  let database: TestDatabase;
  let scope: { tenantId: string; connectionId: string };

  beforeAll(async () => {
    database = await createTestDatabase();
    const tenantId = (await createTenant(database.db)).id;
    scope = { tenantId, connectionId: (await createIntegration(database.db, { tenantId })).id };
  });
  afterAll(() => database.close());

  /** Records, at each wake-up, how many events another transaction can see. */
  const watched = () => {
    const seen: Promise<number>[] = [];
    const nudge = () => void seen.push(listUnrelayed(database.db, 10).then((events) => events.length));
    return { deps: { db: database.db, nudge }, seen: () => Promise.all(seen) };
  };

  const disconnected = () => [
    {
      name: "INTEGRATION_DISCONNECTED" as const,
      data: { tenantId: scope.tenantId, integrationId: scope.connectionId },
    },
  ];

  it("wakes nobody if it fails, and leaves no event", async () => {
    const { deps, seen } = watched();
    const failing = inTransaction(deps, scope.tenantId, async (tx) => {
      await emit(tx, disconnected(), new Date());
      throw new Error("refused at the end");
    });
    await expect(failing).rejects.toThrow("refused at the end");
    expect(await seen()).toEqual([]);
    expect(await listUnrelayed(database.db, 10)).toEqual([]);
  });

  it("wakes the relay once it has committed, and passes on its result", async () => {
    const { deps, seen } = watched();
    const result = await inTransaction(deps, scope.tenantId, async (tx) => {
      await emit(tx, disconnected(), new Date());
      expect(await seen()).toEqual([]);
      return "saved";
    });
    expect(result).toBe("saved");
    expect(await seen()).toEqual([1]);
  });
});
