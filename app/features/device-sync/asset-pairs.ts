import type { TenantDb } from "@db/client";
import { findPairs, replaceOpenPairs, type FoundPair } from "@db/queries/device-sync/asset-pairs";
import { lockIdentities } from "@db/queries/device-sync/identity";
import { readMatchingRules } from "@db/queries/matching-rules/rules";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { hardwareOf, isLikelyOne } from "@domain/identity";
import { junkKeysOf, withoutJunk, type JunkKeys } from "@domain/matching-rules";

import { mergeWithin } from "./merge-assets.server";

/**
 * At the end of a complete sweep, finds machines that were enrolled again while their old record is still listed. Such
 * a pair of assets goes to pending review, and is merged once the old record is gone.
 * @returns how many pairs were merged
 */
export async function resolvePairs(tx: TenantDb, run: RunRow, now: Date): Promise<number> {
  await lockIdentities(tx, run.tenantId);
  const found = await findPairs(tx, run.tenantId, run.startedAt ?? now);
  const { rules } = await readMatchingRules(tx, run, run.startedAt ?? now);
  const pairs = onlyPairs(found.filter(isLikelyWithout(junkKeysOf(rules))));
  let joined = 0;
  const open: FoundPair[] = [];
  for (const pair of pairs) {
    if (!pair.isFormerGone) {
      open.push(pair);
      continue;
    }
    const assetIds: [string, string] = [pair.former.assetId, pair.current.assetId];
    const actor = { userId: null, name: run.actor, ip: null };
    const outcome = await mergeWithin(tx, { tenantId: run.tenantId, assetIds }, actor, now);
    if (outcome.state === "merged") joined++;
  }
  await replaceOpenPairs(
    tx,
    run.tenantId,
    open.map(({ former, current }) => ({ formerAssetId: former.assetId, currentAssetId: current.assetId })),
  );
  return joined;
}

/** Whether a pair is likely one machine, judged by its identity keys. */
const isLikelyWithout =
  (junk: JunkKeys) =>
  ({ former, current }: FoundPair): boolean => {
    const [a, b] = [withoutJunk(former, junk), withoutJunk(current, junk)];
    const isAlike = a.serialKey !== null && a.serialKey === b.serialKey;
    if (!isAlike && !a.macKeys.some((mac) => b.macKeys.includes(mac))) return false;
    return isLikelyOne({ ...a, ...hardwareOf(a) }, { ...b, ...hardwareOf(b) });
  };

/** Leaves out assets that are in several pairs, because a key that three assets share identifies none of them. */
function onlyPairs(pairs: FoundPair[]): FoundPair[] {
  const counts = new Map<string, number>();
  for (const { former, current } of pairs)
    for (const { assetId } of [former, current]) counts.set(assetId, (counts.get(assetId) ?? 0) + 1);
  return pairs.filter(
    ({ former, current }) => counts.get(former.assetId) === 1 && counts.get(current.assetId) === 1,
  );
}
