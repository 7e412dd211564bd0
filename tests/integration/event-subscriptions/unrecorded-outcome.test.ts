import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { insertNotifications } from "@db/queries/notifications/notifications";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createIntegration, createTenant } from "@tests/support/factories";
import { TEST_ACTOR, TEST_APP_SECRET } from "@tests/support/sync";
import { deliverOutgoing } from "~/features/event-subscriptions/deliver";
import { subscribe } from "~/features/event-subscriptions/subscriptions.server";
import { deliverNotifications } from "~/features/notifications/deliver";
import { emit } from "~/platform/outbox/emit";
import { createVault } from "~/platform/vault.server";

const DAY = 24 * 60 * 60_000;
const vault = createVault(TEST_APP_SECRET);

let database: TestDatabase;
let tenantId: string;
let connectionId: string;
let now: Date;
let refused: string;

beforeEach(async () => {
  database = await createTestDatabase();
  now = new Date("2026-11-23T10:00:00Z");
  tenantId = (await createTenant(database.db)).id;
  connectionId = (await createIntegration(database.db, { tenantId })).id;
});
afterEach(async () => {
  await database.db.execute(sql.raw(`drop trigger refuse_some on ${refused}`));
  await database.close();
});

const deps = () => ({
  db: database.db,
  clock: () => now,
  log: { debug() {}, info() {}, warn() {}, error() {} },
  vault,
  nudge() {},
});

/** Makes the database refuse some changes of a table's rows, as it refuses a row that breaks a rule. */
async function refuse(table: string, change: string) {
  const statements = [
    `create or replace function refuse_some() returns trigger language plpgsql as $$
       begin raise exception 'refused' using errcode = '23514'; end $$`,
    `create or replace trigger refuse_some before update on ${table} for each row when (${change}) execute function refuse_some()`,
  ];
  for (const statement of statements) await database.db.execute(sql.raw(statement));
  refused = table;
}

const rowOf = async (table: string) =>
  (
    await queryRows<{ status: string; attempts: number; error: string | null; dueInMs: number }>(
      database.db,
      sql.raw(`select status, attempts, last_error as error,
        (extract(epoch from next_attempt_at) * 1000 - ${now.getTime()})::float8 as "dueInMs" from ${table}`),
    )
  )[0]!;

const queues = {
  outgoing_deliveries: {
    async fill() {
      const given = { tenantId, eventNames: ["INTEGRATION_DISCONNECTED"], allowPrivate: false };
      const url = "https://receiver.example.com/hook";
      const outcome = await subscribe(deps(), { ...given, url, actor: TEST_ACTOR });
      expect(outcome.state).toBe("subscribed");
      await withTenant(database.db, tenantId, (tx) =>
        emit(
          tx,
          [{ name: "INTEGRATION_DISCONNECTED", data: { tenantId, integrationId: connectionId } }],
          now,
        ),
      );
    },
    async send(onSent: () => void) {
      const post = () => {
        onSent();
        return Promise.resolve({ state: "answered", status: 200 } as const);
      };
      await deliverOutgoing({ ...deps(), post });
    },
  },
  notifications: {
    fill: () =>
      withTenant(database.db, tenantId, async (tx) => {
        const mail = { recipients: ["noc@example.com"], subject: "s", body: "b" };
        const letter = { connectionId, kind: "failing" as const, ...mail };
        await insertNotifications(tx, tenantId, [letter], now);
      }),
    async send(onSent: () => void) {
      const send = () => {
        onSent();
        return Promise.resolve({ state: "sent" as const, refused: [] });
      };
      const mailer = { send, verify: () => Promise.reject(new Error("not asked")) };
      await deliverNotifications({
        ...deps(),
        mailer,
        publicUrl: "https://plumbline.example.com",
        linkKeys: ["a key"],
      });
    },
  },
};

describe.each(Object.entries(queues))(
  "an outcome of sending that the database refuses (%s)",
  (table, queue) => {
    it("counts as a failed attempt, which waits as long as any", async () => {
      await queue.fill();
      await refuse(table, "new.status <> 'pending'");
      let sent = 0;
      await queue.send(() => sent++);
      expect(sent).toBe(1);
      expect(await rowOf(table)).toEqual({
        status: "pending",
        attempts: 1,
        error: expect.stringContaining("could not be recorded") as string,
        dueInMs: 60_000,
      });
    });

    it("is sent at most nine times, and then given up, even if nothing can be recorded", async () => {
      await queue.fill();
      // A claim counts the attempt; a change of the due time without a claim records its outcome.
      await refuse(table, "new.attempts = old.attempts and new.next_attempt_at <> old.next_attempt_at");
      let sent = 0;
      for (const end = now.getTime() + DAY; now.getTime() < end; now = new Date(now.getTime() + DAY / 24))
        await queue.send(() => sent++);
      expect(sent).toBe(9);
      expect(await rowOf(table)).toMatchObject({
        status: "dead",
        attempts: 9,
        error: expect.stringContaining("could not be recorded") as string,
      });
    });
  },
);
