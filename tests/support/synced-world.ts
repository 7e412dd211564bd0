import { createTestDatabase } from "./database";
import { keepRows, putRows, type KeptRows } from "./kept-rows";
import { createSyncWorld, openSyncWorld, type SyncWorld, type SyncWorldOptions } from "./sync";

interface Kept {
  ids: Pick<SyncWorld, "tenantId" | "connectionId">;
  rows: KeptRows;
  madeAtMs: number;
}

/** Worlds by the options that they were made with. */
const kept = new Map<string, Kept>();

/** Milliseconds for which copied rows count as fresh. */
const FRESH_MS = 120_000;

/** A world whose groups are read and mapped. */
export const createMappedWorld = (options: SyncWorldOptions = {}): Promise<SyncWorld> =>
  createOnce("mapped", options, async (world) => {
    await world.sync("organizations");
    await world.mapAll();
  });

/** A world whose groups are mapped, and whose devices were synced once. */
export const createSyncedWorld = (options: SyncWorldOptions = {}): Promise<SyncWorld> =>
  createOnce("synced", options, async (world) => {
    await world.sync("organizations");
    await world.mapAll();
    await world.sync("full");
  });

/** The first world of a kind is made by syncs; later ones start with its rows, which takes a tenth of the time. */
async function createOnce(
  kind: string,
  options: SyncWorldOptions,
  make: (world: SyncWorld) => Promise<void>,
): Promise<SyncWorld> {
  const { database = await createTestDatabase(), ...simulated } = options;
  const key = JSON.stringify([kind, simulated]);
  const found = kept.get(key);
  if (found !== undefined && Date.now() - found.madeAtMs < FRESH_MS) {
    await putRows(database.db, found.rows);
    return openSyncWorld({ ...simulated, database }, found.ids);
  }
  const madeAtMs = Date.now();
  const world = await createSyncWorld({ ...simulated, database });
  await make(world);
  const { tenantId, connectionId, simulator } = world;
  kept.set(key, { ids: { tenantId, connectionId }, rows: await keepRows(database.db), madeAtMs });
  simulator.stats.reset();
  return world;
}
