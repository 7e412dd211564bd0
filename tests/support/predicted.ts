import { sql } from "drizzle-orm";
import { expect } from "vitest";

import { queryRows } from "@db/client";
import type { MappingEdit } from "~/features/mapping/mapping-edit";
import { saveMapping } from "~/features/mapping/mapping.server";
import { previewEdits, type EditsPreview } from "~/features/mapping/preview-edits.server";

import { TEST_ACTOR, type SyncWorld } from "./sync";

/** What a preview predicts, beside what the next sync does. */

type Sums = Record<string, number>;
const noSums = () => ({ created: {} as Sums, joined: {} as Sums, moved: {} as Sums, lost: {} as Sums });

export async function preview(world: SyncWorld, wanted: MappingEdit[]): Promise<EditsPreview> {
  const outcome = await previewEdits(world.deps, world, wanted);
  if (outcome.state !== "previewed") throw new Error(outcome.state);
  return outcome.preview;
}

export async function save(world: SyncWorld, wanted: MappingEdit[]): Promise<void> {
  const outcome = await saveMapping(world.deps, world, wanted, TEST_ACTOR);
  expect(outcome.state).toBe("saved");
}

/** Previews, saves, syncs and compares. Returns the prediction. */
export async function predictAndCheck(world: SyncWorld, wanted: MappingEdit[]): Promise<EditsPreview> {
  const asked = await preview(world, wanted);
  const before = await look(world);
  await save(world, wanted);
  expect((await world.sync("full")).status).toMatch(/^completed/);
  const after = await look(world);
  const happened = compare(before, after);
  expect(predicted(asked)).toEqual({ ...happened.sums, toReview: after.toReview });
  // The list of affected devices stops at 200.
  expect(asked.affected.map(({ assetId }) => assetId).sort()).toEqual(happened.assetIds.sort());
  return asked;
}

interface Look {
  /** Keyed by the device's id. */
  owners: Map<string, { assetId: string; client: string | null }>;
  assetIds: Set<string>;
  toReview: number;
}

export async function look({ database: { db } }: SyncWorld): Promise<Look> {
  const owners = await queryRows<{ id: string; assetId: string; client: string | null }>(
    db,
    sql`select m.external_id as id, a.id as "assetId", c.name as client
        from tenant_external_entity_mappings m join assets a on a.id = m.asset_id left join clients c on c.id = a.client_id
        where m.gone_at is null`,
  );
  const all = await queryRows<{ id: string }>(db, sql`select id from assets`);
  const [waiting] = await queryRows<{ n: number }>(
    db,
    sql`select ((select count(*) from rmm_identity_reviews) + (select count(*) from rmm_held_changes
          where state = 'held' and kind in ('move', 'removal')))::int as n`,
  );
  return {
    owners: new Map(owners.map(({ id, ...owner }) => [id, owner])),
    assetIds: new Set(all.map(({ id }) => id)),
    toReview: waiting!.n,
  };
}

function compare(before: Look, after: Look) {
  const sums = noSums();
  const assetIds: string[] = [];
  for (const [id, { assetId, client: to }] of after.owners) {
    const was = before.owners.get(id);
    if (was?.client === to) continue;
    const add = (kind: keyof typeof sums, from: string | null) => {
      const key = `${from ?? "none"} > ${to ?? "none"}`;
      sums[kind][key] = (sums[kind][key] ?? 0) + 1;
    };
    if (was === undefined) add(before.assetIds.has(assetId) ? "joined" : "created", null);
    else {
      add(to === null ? "lost" : "moved", was.client);
      assetIds.push(assetId);
    }
  }
  return { sums, assetIds };
}

function predicted({ created, joined, moved, lost, toReview }: EditsPreview) {
  const sums = noSums();
  for (const [kind, moves] of Object.entries({ created, joined, moved, lost }))
    for (const { from, to, devices } of moves)
      sums[kind as keyof typeof sums][`${from ?? "none"} > ${to ?? "none"}`] = devices;
  return { ...sums, toReview };
}

export const rootsOf = ({ simulator }: SyncWorld) =>
  [...simulator.account.groups].filter((group) => group.parent_id === null);

export const toClient = (externalId: string, clientName: string): MappingEdit => ({
  externalId,
  state: "mapped",
  clientName,
});
