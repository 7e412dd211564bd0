import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { insertEvents } from "@db/queries/outbox/events";
import { insertNotifications } from "@db/queries/notifications/notifications";
import { putSecret } from "@db/queries/connections/secrets";
import { createVault } from "~/platform/vault.server";
import { retireAssets } from "~/features/assets/retire";
import { deliverNotifications } from "~/features/notifications/deliver";
import type { Mail } from "~/platform/ports";
import { deliverOutgoing } from "~/features/event-subscriptions/deliver";
import { secretOwner, subscribe } from "~/features/event-subscriptions/subscriptions.server";
import { relayEvents } from "~/platform/outbox/relay";
import { emit } from "~/platform/outbox/emit";
import { pruneOldEvents } from "~/features/sync-runs/prune";
import { resealAllSecrets } from "~/features/connections/secrets.server";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeEndedRun } from "../../support/ended-run";
import { createAsset, createClient, createIntegration, createTenant } from "../../support/factories";
import { TEST_ACTOR, TEST_APP_SECRET } from "../../support/sync";

const NOW = new Date("2026-11-23T10:00:00Z");
const DAY = 24 * 60 * 60_000;
const vault = createVault(TEST_APP_SECRET);

let database: TestDatabase;
let logged: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  logged = [];
});
afterEach(() => database.close());

const deps = () => {
  const note = (_: object, message: string) => void logged.push(message);
  return {
    db: database.db,
    clock: () => NOW,
    log: { debug() {}, info() {}, warn: note, error: note },
    vault,
    nudge() {},
  };
};

/** Makes the database refuse to delete or change one row, as it refuses a row that breaks a rule. */
async function refuse(what: "delete" | "update", table: string, id: string) {
  await database.db.execute(
    sql.raw(`create or replace function refuse_one() returns trigger language plpgsql as $$
      begin raise exception 'refused' using errcode = '23514'; end $$`),
  );
  await database.db.execute(
    sql.raw(`create trigger refuse_one before ${what} on ${table} for each row
      when (old.id = '${id}') execute function refuse_one()`),
  );
}

async function dropRefusal(table: string) {
  await database.db.execute(sql.raw(`drop trigger refuse_one on ${table}; drop function refuse_one()`));
}

describe("a signing secret that cannot be opened", () => {
  /** A tenant with an event waiting for a receiver of its own. */
  async function subscriber(name: string) {
    const { id: tenantId } = await createTenant(database.db);
    const { id: connectionId } = await createIntegration(database.db, { tenantId });
    const outcome = await subscribe(deps(), {
      tenantId,
      url: `https://${name}.example.com/hook`,
      eventNames: ["INTEGRATION_DISCONNECTED"],
      allowPrivate: false,
      actor: TEST_ACTOR,
    });
    if (outcome.state !== "subscribed") throw new Error(outcome.reason);
    await withTenant(database.db, tenantId, (tx) =>
      emit(tx, [{ name: "INTEGRATION_DISCONNECTED", data: { tenantId, integrationId: connectionId } }], NOW),
    );
    return { tenantId, id: outcome.id };
  }

  async function lose({ tenantId, id }: { tenantId: string; id: string }, how: "key" | "damage") {
    const owner = secretOwner(tenantId, id);
    const other = createVault("another-secret-of-at-least-32-characters");
    const sealed =
      how === "key" ? other.seal("whsec_x", owner) : { keyId: vault.keyId, sealed: "AAAA" + "A".repeat(60) };
    await withTenant(database.db, tenantId, (tx) => putSecret(tx, { ...owner, ...sealed }));
  }

  const deliveryOf = async (tenantId: string) =>
    (
      await queryRows<{ status: string; attempts: number; error: string | null }>(
        database.db,
        sql`select status, attempts, last_error as error from outgoing_deliveries where tenant_id = ${tenantId}`,
      )
    )[0];

  it.each(["key", "damage"] as const)(
    "is a failed attempt with a reason, and delays no other tenant's webhooks (%s)",
    async (how) => {
      const broken = await subscriber("broken");
      await lose(broken, how);
      const well = await subscriber("well");
      const post = () => Promise.resolve({ state: "answered", status: 200 } as const);
      await deliverOutgoing({ ...deps(), post });
      expect(await deliveryOf(well.tenantId)).toEqual({ status: "delivered", attempts: 1, error: null });
      expect(await deliveryOf(broken.tenantId)).toEqual({
        status: "pending",
        attempts: 1,
        error: expect.stringContaining("signing secret cannot be opened") as string,
      });
    },
  );

  it("is listed by a rotation, which seals all others again", async () => {
    const lost = await subscriber("lost");
    await lose(lost, "key");
    const damaged = await subscriber("damaged");
    await lose(damaged, "damage");
    const well = await subscriber("well");
    const next = createVault(`a-new-secret-of-at-least-32-characters,${TEST_APP_SECRET}`);
    const outcome = await resealAllSecrets({ ...deps(), vault: next });
    expect(outcome).toMatchObject({ resealed: 1, upToDate: 0 });
    expect(outcome.lost.map(({ name, reason }) => [name, reason]).sort()).toEqual(
      [
        [`outgoing:${lost.id}`, "A stored secret was sealed with another APP_SECRET."],
        [`outgoing:${damaged.id}`, "A stored secret is damaged and cannot be opened."],
      ].sort(),
    );
    const { name } = secretOwner(well.tenantId, well.id);
    const [row] = await queryRows<{ keyId: string }>(
      database.db,
      sql`select key_id as "keyId" from tenant_secrets where name = ${name}`,
    );
    expect(row!.keyId).toBe(next.keyId);
  });
});

it("sends the other notices if one throws", async () => {
  const { id: tenantId } = await createTenant(database.db);
  const { id: connectionId } = await createIntegration(database.db, { tenantId });
  const letter = (subject: string) => ({
    connectionId,
    kind: "failing" as const,
    recipients: ["noc@example.com"],
    subject,
    body: "x",
  });
  const subjects = ["bad", "a", "b", "c", "d"];
  await withTenant(database.db, tenantId, (tx) =>
    insertNotifications(tx, tenantId, subjects.map(letter), NOW),
  );
  const sent: string[] = [];
  const send = async ({ subject }: Mail) => {
    if (subject === "bad") throw new Error("a header that no library takes");
    sent.push(subject);
    return { state: "sent" as const, refused: [] };
  };
  const mailer = { send, verify: () => Promise.reject(new Error("not asked")) };
  await deliverNotifications({
    ...deps(),
    mailer,
    publicUrl: "https://plumbline.example.com",
    linkKeys: ["a key"],
  });
  expect(sent.sort()).toEqual(["a", "b", "c", "d"]);
  const rows = await queryRows(
    database.db,
    sql`select status, attempts from notifications where subject = 'bad'`,
  );
  expect(rows).toEqual([{ status: "pending", attempts: 1 }]);
});

describe("the outbox", () => {
  let tenantId: string;
  beforeEach(async () => {
    tenantId = (await createTenant(database.db)).id;
  });

  const write = (names: string[], at = NOW) =>
    withTenant(database.db, tenantId, (tx) =>
      insertEvents(
        tx,
        tenantId,
        names.map((name) => ({ name, data: {}, connectionId: null })),
        at,
      ),
    );

  it("relays the other events if some are refused, even those behind many of them", async () => {
    const bad = ["bad", "bad", "bad", "bad"];
    await write(["a", ...bad, "b", "c"]);
    const sent: string[] = [];
    const send = async (events: { name: string }[]) => {
      if (events.some(({ name }) => name === "bad")) throw new Error("400 Bad Request");
      sent.push(...events.map(({ name }) => name));
    };
    await relayEvents({ ...deps(), send });
    await relayEvents({ ...deps(), send });
    expect(sent.sort()).toEqual(["a", "b", "c"]);
    await write(["d"]);
    await relayEvents({ ...deps(), send });
    expect(sent).toContain("d");
  });

  it("calls a server that is down a few times, not once for each event", async () => {
    await write(Array.from({ length: 50 }, (_, n) => `event-${n}`));
    let asked = 0;
    const send = async () => {
      asked++;
      throw new Error("ECONNREFUSED");
    };
    expect(await relayEvents({ ...deps(), send })).toBe(0);
    expect(asked).toBe(4);
  });

  it("is pruned of all old events except the one that cannot be removed", async () => {
    await write(["a", "bad", "b", "c"], new Date(NOW.getTime() - 100 * DAY));
    await database.db.execute(sql`update rmm_events set relayed_at = occurred_at`);
    const [bad] = await queryRows<{ id: string }>(
      database.db,
      sql`select id from rmm_events where name = 'bad'`,
    );
    await refuse("delete", "rmm_events", bad!.id);
    try {
      expect(await pruneOldEvents(deps())).toBe(3);
      expect(await queryRows(database.db, sql`select name from rmm_events`)).toEqual([{ name: "bad" }]);
      expect(logged).toEqual(["a row cannot be removed; it is passed over"]);
    } finally {
      await dropRefusal("rmm_events");
    }
  });
});

it("retires the other gone assets if one cannot be", async () => {
  const { id: tenantId } = await createTenant(database.db);
  const { id: clientId } = await createClient(database.db, { tenantId });
  const goneAt = new Date(NOW.getTime() - 60 * DAY);
  const gone = (name: string) =>
    createAsset(database.db, { tenantId, clientId, name, status: "gone", goneAt });
  const { id } = await gone("bad");
  await gone("a");
  await gone("b");
  await refuse("update", "assets", id);
  try {
    expect(await retireAssets(deps())).toBe(2);
  } finally {
    await dropRefusal("assets");
  }
  const left = await queryRows(database.db, sql`select name from assets where status = 'gone'`);
  expect(left).toEqual([{ name: "bad" }]);
});

it("closes the other dead runs if one cannot be", async () => {
  const { id: tenantId } = await createTenant(database.db);
  const running = async () => {
    const { id: connectionId } = await createIntegration(database.db, { tenantId });
    return makeEndedRun(database.db, { tenantId, connectionId, now: NOW }, { status: "running" });
  };
  const bad = await running();
  const well = await running();
  await refuse("update", "rmm_sync_runs", bad);
  const never = () => Promise.reject(new Error("not asked"));
  const sweeping = {
    ...deps(),
    transport: "inngest" as const,
    hasProvider: () => Promise.resolve(true),
    startedAt: new Date(0),
    openProvider: never,
  };
  try {
    expect(await sweepSilentRuns(sweeping)).toBe(1);
  } finally {
    await dropRefusal("rmm_sync_runs");
  }
  const rows = await queryRows<{ id: string; status: string }>(
    database.db,
    sql`select id, status from rmm_sync_runs`,
  );
  expect(new Map(rows.map(({ id, status }) => [id, status]))).toEqual(
    new Map([
      [bad, "running"],
      [well, "failed"],
    ]),
  );
});
