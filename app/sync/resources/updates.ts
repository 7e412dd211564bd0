import type { TenantDb } from "@db/client";
import {
  closeAbsentUpdates,
  countAvailableUpdates,
  listKnownUpdates,
  type KnownUpdate,
  refreshPendingPatches,
  upsertUpdates,
} from "@db/queries/updates";
import { getWalkPosition, sumPages, updateOpenRun, wasNotedInRunBefore, type RunRow } from "@db/queries/runs";
import { contentHash } from "~/domain/content-hash";
import { isSurprisingLoss } from "~/domain/fleet-guard";
import type { UpdateSnapshot } from "~/domain/snapshots";

import { noteDegraded } from "../degrade";
import type { SyncDeps } from "../ports";
import type { OpenResource, PageScope, Resource, WriteCounts } from "./resource";

/** Available OS updates, of the whole account or of the one device of a device run. */
export const updatesResource: Resource<UpdateSnapshot> = {
  name: "updates",
  tables: ["rmm_device_updates"],
  isOptional: true,
  async open(_deps, _tx, run): Promise<OpenResource<UpdateSnapshot>> {
    const deviceId = deviceOf(run);
    return {
      list: (provider, walk) =>
        provider.listUpdates({ status: "available", ...(deviceId === undefined ? {} : { deviceId }) }, walk),
      idOf: (update) => update,
      write: (tx, scope, page) => writeUpdates(tx, scope, page.items, page.observedAt),
      conclude: concludeUpdates,
    };
  },
};

const deviceOf = (run: RunRow): string | undefined =>
  run.type === "device" ? run.targetExternalId : undefined;

async function writeUpdates(
  tx: TenantDb,
  scope: PageScope,
  items: UpdateSnapshot[],
  observedAt: Date,
): Promise<WriteCounts> {
  const incoming = new Map(
    items.map((item) => [item.externalId, { ...item, contentHash: contentHash(item) }]),
  );
  const known = new Map<string, KnownUpdate>();
  for (const row of await listKnownUpdates(tx, scope, [...incoming.keys()])) known.set(row.externalId, row);
  const news = [...incoming.values()].filter((update) => {
    const before = known.get(update.externalId);
    if (before === undefined) return true;
    const isSame = before.contentHash === update.contentHash && before.isAvailable === update.isAvailable;
    return !isSame && before.observedMs <= observedAt.getTime();
  });
  await upsertUpdates(tx, scope, news, observedAt);
  const updated = news.filter((update) => known.has(update.externalId)).length;
  return { created: news.length - updated, updated, skipped: 0 };
}

/** What a complete sweep did not list is installed or withdrawn; then every asset's count is made anew. */
async function concludeUpdates(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<void> {
  const now = deps.clock();
  const deviceId = deviceOf(run);
  const { complete } = await getWalkPosition(tx, run.tenantId, run.id, "updates");
  if (!complete) return;
  const totals = await sumPages(tx, run.tenantId, run.id);
  const seen = totals.find((total) => total.resource === "updates")?.seen ?? 0;
  const known = deviceId === undefined ? await countAvailableUpdates(tx, run) : 0;
  const isSurprising = deviceId === undefined && seen === 0 && isSurprisingLoss({ known, absent: known });
  if (isSurprising && !(await wasNotedInRunBefore(tx, run, "updates"))) {
    await noteDegraded(tx, run, {
      resource: "updates",
      reason: `The account listed no available update at all, after ${known} before; the counts were kept.`,
      hint: "If the next sync is told the same, it is believed.",
    });
    return;
  }
  await closeAbsentUpdates(tx, run, run.id, now, deviceId);
  const pendingPatches = await refreshPendingPatches(tx, run, now, deviceId);
  await updateOpenRun(tx, run.tenantId, run.id, { pendingPatches });
}
