import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { insertEvents } from "@db/queries/outbox/events";
import { relayEvents } from "~/platform/outbox/relay";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createTenant } from "../../support/factories";

let database: TestDatabase;
let tenantId: string;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const clock = () => new Date();

beforeEach(async () => {
  database = await createTestDatabase();
  tenantId = (await createTenant(database.db)).id;
});

afterEach(() => database.close());

const write = (n: number) =>
  withTenant(database.db, tenantId, (tx) =>
    insertEvents(
      tx,
      tenantId,
      Array.from({ length: n }, (_, i) => ({
        name: "X",
        data: { i },
        connectionId: null,
        key: `event-${i}`,
      })),
      new Date(),
    ),
  );
const unrelayed = async () =>
  (
    await queryRows<{ n: number }>(
      database.db,
      sql`select count(*)::int as n from rmm_events where relayed_at is null`,
    )
  )[0]!.n;

it("relays every event once, with its key as id", async () => {
  await write(1_200);
  const sent: string[] = [];
  const send = async (events: { id: string }[]) => {
    sent.push(...events.map((event) => event.id));
  };
  expect(await relayEvents({ db: database.db, clock, log, send })).toBe(1_200);
  expect(new Set(sent).size).toBe(1_200);
  expect(sent).toHaveLength(1_200);
  expect(await relayEvents({ db: database.db, clock, log, send })).toBe(0);
});

it("keeps events that could not be sent, records why, and sends them the next time", async () => {
  await write(3);
  const refuse = () => Promise.reject(new Error("nobody listens"));
  expect(await relayEvents({ db: database.db, clock, log, send: refuse })).toBe(0);
  const [row] = await queryRows<{ attempts: number; last_error: string }>(
    database.db,
    sql`select attempts, last_error from rmm_events limit 1`,
  );
  expect(row).toEqual({ attempts: 1, last_error: "Error: nobody listens" });
  expect(await relayEvents({ db: database.db, clock, log, send: async () => {} })).toBe(3);
  expect(await unrelayed()).toBe(0);
});

it("treats an event with a known key as the same event", async () => {
  await write(2);
  await write(2);
  expect(await unrelayed()).toBe(2);
});
