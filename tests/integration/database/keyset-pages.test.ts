import { and, eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Db } from "@db/client";
import {
  rmmHeldChanges,
  rmmIdentityReviews,
  rmmPlannedChanges,
  rmmRunDivergences,
  rmmSyncRuns,
  rmmWebhookDeliveries,
  tenantExternalEntityMappings,
} from "@db/schema";
import { plannedDeviceActions } from "@domain/device-plan";
import { planStatements } from "@tests/bench/list-statements";
import { createTestDatabase, type TestDatabase } from "@tests/support/database";
import { createIntegration, createTenant } from "@tests/support/factories";
import {
  readUnassignedDevices,
  unassignedSearch,
} from "~/features/connections/unassigned-devices.page.server";
import { heldFilterOf, readHeld, readWaiting, waitingFilterOf } from "~/features/review/review.page.server";
import { newDeviceFilterOf, readNewDevices } from "~/features/review/new-devices.page.server";
import { planFilterOf, readDivergences, readPlan } from "~/features/sync-runs/plan.page.server";
import { listRuns, runSearch } from "~/features/sync-runs/runs.page.server";
import { deliveryFilterOf, listDeliveryPage } from "~/features/webhooks/deliveries.page.server";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

interface Owner {
  tenantId: string;
  connectionId: string;
  /** A dry run, which is in the list of runs of the tenants that have one. */
  runId: string;
}

interface Page {
  rows: object[];
  first: number;
  total: number;
  previous: string | undefined;
  next: string | undefined;
}

interface List {
  pageSize: number;
  /** The column of a row that tells it from others. */
  id: "id" | "externalId";
  /** Makes a row for each place: the smaller a place, the earlier in the list, and equal places have equal sort keys. */
  add(db: Db, owner: Owner, places: number[]): Promise<{ id: string }[]>;
  remove(db: Db, owner: Owner, id: string): Promise<unknown>;
  read(db: Db, owner: Owner, params: URLSearchParams): Promise<Page>;
}

let made = 0;
const unique = () => `x${++made}`;
const named = (place: number) => `PC ${String(place)}`;
const ago = (minutes: number) => new Date(Date.UTC(2026, 9, 1) - minutes * 60_000);
const NOW = new Date(Date.UTC(2026, 9, 2));

const runRow = ({ tenantId, connectionId }: Omit<Owner, "runId">, requestedAt: Date) => {
  const kind = { type: "dry_run", trigger: "manual", actor: "test", transport: "direct" } as const;
  return { ...kind, tenantId, connectionId, requestedAt, key: unique(), status: "completed" as const };
};

const addReviews =
  (reasonOf: (n: number) => "ambiguous" | "waiting" | "approval"): List["add"] =>
  (db, { tenantId, connectionId }, places) =>
    db
      .insert(rmmIdentityReviews)
      .values(
        places.map((place, n) => ({
          tenantId,
          connectionId,
          externalId: unique(),
          name: named(place),
          reason: reasonOf(n),
          candidates: [],
          device: { systemInfo: {}, liveness: {} },
        })),
      )
      .returning({ id: rmmIdentityReviews.id });

const removeReview: List["remove"] = (db, _, id) =>
  db.delete(rmmIdentityReviews).where(eq(rmmIdentityReviews.id, id));

const lists: Record<string, List> = {
  runs: {
    pageSize: 50,
    id: "id",
    add: (db, owner, places) =>
      db
        .insert(rmmSyncRuns)
        .values(places.map((place) => runRow(owner, ago(place))))
        .returning({ id: rmmSyncRuns.id }),
    remove: (db, _, id) => db.delete(rmmSyncRuns).where(eq(rmmSyncRuns.id, id)),
    read: (db, { tenantId }, params) => listRuns(db, tenantId, runSearch(params).filter, params),
  },
  deliveries: {
    pageSize: 50,
    id: "id",
    add: (db, { tenantId, connectionId }, places) =>
      db
        .insert(rmmWebhookDeliveries)
        .values(
          places.map((place) => ({
            tenantId,
            connectionId,
            scheme: "signed" as const,
            outcome: "accepted" as const,
            eventKey: unique(),
            responseStatus: 200,
            durationMs: 1,
            receivedAt: ago(place),
          })),
        )
        .returning({ id: rmmWebhookDeliveries.id }),
    remove: (db, _, id) => db.delete(rmmWebhookDeliveries).where(eq(rmmWebhookDeliveries.id, id)),
    read: (db, { tenantId }, params) =>
      listDeliveryPage(db, tenantId, deliveryFilterOf(params, NOW).filter, params),
  },
  "held changes": {
    pageSize: 50,
    id: "id",
    add: (db, { tenantId, connectionId, runId }, places) =>
      db
        .insert(rmmHeldChanges)
        .values(
          places.map((place) => ({
            tenantId,
            connectionId,
            runId,
            externalId: unique(),
            kind: "removal" as const,
            state: "held" as const,
            name: named(place),
          })),
        )
        .returning({ id: rmmHeldChanges.id }),
    remove: (db, _, id) => db.delete(rmmHeldChanges).where(eq(rmmHeldChanges.id, id)),
    read: (db, { tenantId }, params) => readHeld(db, tenantId, heldFilterOf(params).filter, params),
  },
  "devices in doubt": {
    pageSize: 25,
    id: "id",
    add: addReviews(() => "ambiguous"),
    remove: removeReview,
    read: (db, { tenantId }, params) => readWaiting(db, tenantId, waitingFilterOf(params).filter, params),
  },
  "a dry run's plan": {
    pageSize: 50,
    id: "externalId",
    add: (db, { tenantId, runId }, places) =>
      db
        .insert(rmmPlannedChanges)
        .values(
          places.map((place, n) => ({
            tenantId,
            runId,
            externalId: unique(),
            name: named(place),
            action: plannedDeviceActions[n % plannedDeviceActions.length]!,
          })),
        )
        .returning({ id: rmmPlannedChanges.externalId }),
    remove: (db, { runId }, id) =>
      db
        .delete(rmmPlannedChanges)
        .where(and(eq(rmmPlannedChanges.runId, runId), eq(rmmPlannedChanges.externalId, id))),
    read: (db, { tenantId, connectionId, runId }, params) => {
      const run = { id: runId, connectionId, requestedAt: NOW, startedAt: null };
      return readPlan(db, tenantId, run, planFilterOf(params).filter, params);
    },
  },
  "devices without a client": {
    pageSize: 50,
    id: "externalId",
    add: (db, { tenantId, connectionId }, places) =>
      db
        .insert(tenantExternalEntityMappings)
        .values(
          places.map((place) => ({
            tenantId,
            connectionId,
            integrationType: "levelio",
            externalId: unique(),
            displayName: named(place),
            skipReason: "unmapped" as const,
            contentHash: "",
            observedAt: NOW,
          })),
        )
        .returning({ id: tenantExternalEntityMappings.externalId }),
    remove: (db, { connectionId }, id) =>
      db
        .delete(tenantExternalEntityMappings)
        .where(
          and(
            eq(tenantExternalEntityMappings.connectionId, connectionId),
            eq(tenantExternalEntityMappings.externalId, id),
          ),
        ),
    read: (db, { tenantId, connectionId }, params) =>
      readUnassignedDevices(
        db,
        tenantId,
        connectionId,
        unassignedSearch(new URLSearchParams()).filter,
        params,
      ),
  },
  "differences from a dry run": {
    pageSize: 50,
    id: "externalId",
    add: (db, { tenantId, runId }, places) =>
      db
        .insert(rmmRunDivergences)
        .values(places.map((place) => ({ tenantId, runId, externalId: unique(), name: named(place) })))
        .returning({ id: rmmRunDivergences.externalId }),
    remove: (db, { runId }, id) =>
      db
        .delete(rmmRunDivergences)
        .where(and(eq(rmmRunDivergences.runId, runId), eq(rmmRunDivergences.externalId, id))),
    read: (db, { tenantId, runId }, params) =>
      readDivergences(db, { tenantId, runId, appliesRunId: runId }, params),
  },
};

/** In the order in which rows appeared, so nothing comes in between. */
const newDevices: List = {
  pageSize: 50,
  id: "id",
  add: addReviews(() => "approval"),
  remove: removeReview,
  read: (db, { tenantId }, params) => readNewDevices(db, tenantId, newDeviceFilterOf(params).filter, params),
};

const all: Record<string, List> = { ...lists, "new devices": newDevices };

async function createOwner(db: Db, withRun: boolean): Promise<Owner> {
  const { id: tenantId } = await createTenant(db);
  const { id: connectionId } = await createIntegration(db, { tenantId });
  if (!withRun) return { tenantId, connectionId, runId: "" };
  const [run] = await db
    .insert(rmmSyncRuns)
    .values(runRow({ tenantId, connectionId }, NOW))
    .returning({ id: rmmSyncRuns.id });
  return { tenantId, connectionId, runId: run!.id };
}

/** Sixty rows that no sort key tells apart, more than a page; of the others, two or three each. */
const PLACES = Array.from({ length: 123 }, (_, n) => (n < 60 ? 20 : n % 30));

async function filled(name: string, places = PLACES) {
  const list = all[name]!;
  const { db } = database;
  const owner = await createOwner(db, name !== "runs");
  const ids = places.length === 0 ? [] : (await list.add(db, owner, places)).map(({ id }) => id);
  const page = (query = "") => list.read(db, owner, new URLSearchParams(query));
  const idsOf = ({ rows }: Page) => rows.map((row) => (row as Record<typeof list.id, string>)[list.id]);
  return { db, list, owner, ids, page, idsOf, placeOf: (id: string) => places[ids.indexOf(id)]! };
}

describe.each(Object.keys(all))("the pages of %s", (name) => {
  it("lead from the first to the last and back, each row once, in order", async () => {
    const { list, ids, page, idsOf, placeOf } = await filled(name);
    const { pageSize } = list;
    const start = await page();
    const pages = [start];
    for (let at = start; at.next !== undefined;) pages.push((at = await page(`after=${at.next}`)));
    const walked = pages.flatMap(idsOf);
    expect([...walked].sort()).toEqual([...ids].sort());
    if (name !== "new devices")
      expect(walked.map(placeOf)).toEqual(walked.map(placeOf).sort((a, b) => a - b));
    expect(pages.map(({ first }) => first)).toEqual(pages.map((_, n) => n * pageSize));
    expect(pages.every(({ total }) => total === ids.length)).toBe(true);
    expect(start.previous).toBeUndefined();

    let at = await page("page=last");
    expect(at.next).toBeUndefined();
    for (let n = pages.length - 1; n >= 0; n--) {
      expect([at.first, ...idsOf(at)]).toEqual([n * pageSize, ...idsOf(pages[n]!)]);
      expect(at.previous === undefined).toBe(n === 0);
      if (at.previous !== undefined) at = await page(`before=${at.previous}`);
    }
  });

  it("begin at the start for a number, or a place that is none, is another list's or another company's", async () => {
    const { page, idsOf } = await filled(name);
    const start = idsOf(await page());
    const other = await filled(name);
    const stranger = await other.page();
    const ofOtherList = await (await filled(name === "runs" ? "deliveries" : "runs")).page();
    const places = [stranger.next!, ofOtherList.next!, "x", "", "W10", "%00", "A".repeat(9000)];
    for (const place of places) {
      for (const way of ["after", "before"])
        expect.soft(idsOf(await page(`${way}=${place}`)), `${way} ${place.slice(0, 80)}`).toEqual(start);
    }
    for (const number of ["9999", "2", "-3", "1e9", "x"])
      expect.soft(idsOf(await page(`page=${number}`)), number).toEqual(start);
  });

  it("end with the last page once nothing follows a place any more, and are empty without rows", async () => {
    const { db, list, owner, page, idsOf } = await filled(name);
    const last = await page("page=last");
    const middle = await page(`before=${last.previous}`);
    for (const id of idsOf(last)) await list.remove(db, owner, id);
    expect(idsOf(await page(`after=${middle.next}`))).toEqual(idsOf(middle));
    const empty = await filled(name, []);
    expect(await empty.page("page=last")).toMatchObject({ rows: [], total: 0, first: 0 });
  });
});

describe.each(Object.keys(lists))("while rows come and go, the pages of %s", (name) => {
  it("miss none that stays, and repeat none", async () => {
    const { db, list, owner, ids, page, idsOf } = await filled(name);
    const start = await page();
    const walked = idsOf(start);
    const lost = walked.at(-1)!;
    await list.remove(db, owner, lost);
    const [early, tied, late] = (await list.add(db, owner, [-1, 20, 31])).map(({ id }) => id);
    for (let at = start; at.next !== undefined;) walked.push(...idsOf((at = await page(`after=${at.next}`))));
    expect(new Set(walked).size).toBe(walked.length);
    expect(walked).toEqual(expect.arrayContaining([...ids, late]));
    expect(walked).not.toContain(early);

    // Back to the start: only its page, which is a whole one, may show rows of the one after it.
    const back: string[][] = [];
    for (let at = await page("page=last"); ; at = await page(`before=${at.previous}`)) {
      back.unshift(idsOf(at));
      if (at.previous === undefined) break;
    }
    const others = back.slice(1).flat();
    expect(new Set(others).size).toBe(others.length);
    const present = [...ids.filter((id) => id !== lost), early, tied, late];
    expect([...new Set(back.flat())].sort()).toEqual(present.sort());
  });
});

describe("a page far from the first", () => {
  it.each(["runs", "deliveries", "a dry run's plan", "differences from a dry run"])(
    "reads as little as the first, of %s",
    async (name) => {
      const { db, owner, page, list } = await filled(name, []);
      for (let n = 0; n < 6; n++)
        await list.add(
          db,
          owner,
          Array.from({ length: 1000 }, (_, i) => (i * 6 + n) % 3000),
        );
      await db.execute(sql`analyze`);
      const blocksOf = async (query: string) => {
        const statements = await planStatements(db, owner.tenantId, () => page(query));
        // The first counts all rows, the second reads those of the page.
        return statements[1]!.blocks;
      };
      const first = await blocksOf("");
      const last = await page("page=last");
      const far = await page(`before=${last.previous}`);
      for (const query of ["page=last", `before=${last.previous}`, `after=${far.next}`])
        expect.soft(await blocksOf(query), query.slice(0, 9)).toBeLessThanOrEqual(first + 60);
    },
  );
});
