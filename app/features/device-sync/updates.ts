import type { TenantDb } from "@db/client";
import {
  closeAbsentUpdates,
  countAbsentUpdates,
  listKnownUpdates,
  type KnownUpdate,
  upsertUpdates,
} from "@db/queries/device-sync/updates";
import { lossNotedInRunBefore } from "@db/queries/sync-runs/past-runs";
import { isSweepComplete } from "@db/queries/sync-runs/run-pages";
import { type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { snapshotHash } from "@domain/content-hash";
import { bearsOut, exceedsChangeLimit } from "@domain/mass-change-guard";
import { latestCredibleInstant, isOlder } from "@domain/observation";
import type { UpdateSnapshot } from "@domain/snapshots";
import type { OpenResource, PageScope, Resource, WriteCounts } from "~/features/sync-engine/resource";
import type { SyncDeps } from "~/platform/ports";

import { sweepOf } from "./sweep-of";

/** The available OS updates, of the whole account or of the device of a single-device run. */
export const updatesResource: Resource<UpdateSnapshot> = {
  name: "updates",
  tables: ["rmm_device_updates"],
  isOptional: true,
  async open(_deps, _tx, run): Promise<OpenResource<UpdateSnapshot>> {
    const deviceId = targetDeviceOf(run);
    return {
      list: (provider, walk) =>
        provider.listUpdates({ status: "available", ...(deviceId === undefined ? {} : { deviceId }) }, walk),
      idOf: (update) => update,
      write: (tx, scope, page) => writeUpdates(tx, scope, page.items, page.observedAt),
      conclude: concludeUpdates,
    };
  },
};

/** The device of a single-device run; undefined for other runs. */
export const targetDeviceOf = (run: RunRow): string | undefined =>
  run.type === "device" ? run.targetExternalId : undefined;

async function writeUpdates(
  tx: TenantDb,
  scope: PageScope,
  items: UpdateSnapshot[],
  observedAt: Date,
): Promise<WriteCounts> {
  const incoming = new Map(
    items.map((item) => [item.externalId, { ...item, contentHash: snapshotHash(item) }]),
  );
  const known = new Map<string, KnownUpdate>();
  for (const row of await listKnownUpdates(tx, scope, [...incoming.keys()])) known.set(row.externalId, row);
  const news = [...incoming.values()].filter((update) => {
    const before = known.get(update.externalId);
    if (before === undefined) return true;
    const isSame = before.contentHash === update.contentHash && before.isAvailable === update.isAvailable;
    return !isSame && !isOlder(observedAt.getTime(), before.observedMs, scope.now);
  });
  await upsertUpdates(tx, scope, news, observedAt);
  const updated = news.filter((update) => known.has(update.externalId)).length;
  return { created: news.length - updated, updated, skipped: 0 };
}

/**
 * Marks updates as installed or withdrawn that a complete sweep did not list. If unusually many vanish at once, waits
 * for the next sweep to confirm that, because the cause may be a night of patching or a truncated list. The counts of
 * the assets are updated at the end of the run.
 */
async function concludeUpdates(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number> {
  const now = deps.clock();
  const deviceId = targetDeviceOf(run);
  const isRead = (resource: "devices" | "updates") => isSweepComplete(tx, run.tenantId, run.id, resource);
  // An empty list proves nothing about a device that the provider does not know, because its removal may be held.
  if (!(await isRead("updates")) || (deviceId !== undefined && !(await isRead("devices")))) return 0;
  let gone = 0;
  const sweep = sweepOf(run, now);
  const loss = deviceId === undefined ? await countAbsentUpdates(tx, sweep) : { known: 0, absent: 0 };
  if (
    exceedsChangeLimit({ known: loss.known, affected: loss.absent }) &&
    !bearsOut(loss, await lossNotedInRunBefore(tx, run, "updates", latestCredibleInstant(now)))
  ) {
    await noteDegraded(tx, run, {
      resource: "updates",
      kind: "absent",
      loss,
      reason: `${loss.absent} of ${loss.known} available updates are missing from the account's list; they still count.`,
      hint: "If the next sync finds the same, they count as gone.",
    });
  } else if (loss.absent > 0 || deviceId !== undefined) gone = await closeAbsentUpdates(tx, sweep, deviceId);
  return gone;
}
