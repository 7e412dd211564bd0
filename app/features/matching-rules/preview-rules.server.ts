import type { TenantDb } from "@db/client";
import { countDifferences } from "@db/queries/assets/differences";
import { listGroups } from "@db/queries/device-sync/groups";
import {
  countAssetsWithKeys,
  countJoinedByKey,
  countNewDevices,
  countSharedAssets,
  countUnapproved,
  type DeviceKind,
} from "@db/queries/matching-rules/effect";
import { DAY_MS } from "@domain/durations";
import { matchKeys, type MatchKey } from "@domain/identity";
import {
  approvalScope,
  junkKey,
  junkKinds,
  knownJunk,
  waitsForApproval,
  type ApprovalScope,
  type JunkKind,
  type MatchingRules,
} from "@domain/matching-rules";
import type { ConnectionRef } from "@domain/refs";

/** The number of past days whose new devices are examined. */
const PREVIEW_DAYS = 30;

export interface RulesPreview {
  approval: {
    /** The number of devices first listed in those days that got an asset. */
    lately: number;
    /** The number of those devices that would have waited for approval. */
    wouldWait: number;
    /** The number of devices that wait now. */
    waiting: number;
    /**
     * The number of waiting devices for which the next sync would create an asset, because no rule makes them wait any
     * more.
     */
    released: number;
  };
  /** For each key that the rules no longer use, the number of devices that joined an asset by it so far. */
  unused: { by: MatchKey; devices: number }[];
  /** For each junk value, the number of assets that share it, and whether it is ignored anyway. */
  junk: { kind: JunkKind; value: string; assets: number; isKnown: boolean }[];
  /** The number of present differences that each standing rule would resolve, in the order of the rules. */
  differences: number[];
  /** The number of assets that another connection knows too. */
  shared: number;
}

/**
 * What rules would have done in the past, and what they would do with waiting devices. Six statements, and one for each
 * standing rule. Writes nothing.
 */
export async function previewRules(
  tx: TenantDb,
  ref: ConnectionRef,
  rules: MatchingRules,
  now: Date,
): Promise<RulesPreview> {
  const scope = approvalScope(rules, await listGroups(tx, ref.tenantId, ref.connectionId));
  const lately = await countNewDevices(tx, ref, new Date(now.getTime() - PREVIEW_DAYS * DAY_MS));
  const waiting = await countUnapproved(tx, ref);
  const joined = new Map((await countJoinedByKey(tx, ref)).map(({ by, devices }) => [by, devices]));
  const keysOf = (kind: JunkKind) => rules.junk[kind].map((value) => junkKey(kind, value));
  const assets = await countAssetsWithKeys(tx, ref.tenantId, {
    serials: keysOf("serials"),
    macs: keysOf("macs"),
    hostnames: keysOf("hostnames"),
  });
  const held = heldBy(waiting, scope);
  const differences: number[] = [];
  for (const { field, clientId } of rules.differences) {
    const filter = {
      field,
      clientId: clientId ?? undefined,
      text: undefined,
      connectionId: ref.connectionId,
    };
    differences.push(await countDifferences(tx, ref.tenantId, filter));
  }
  return {
    approval: {
      lately: sum(lately),
      wouldWait: heldBy(lately, scope),
      waiting: sum(waiting),
      released: sum(waiting) - held,
    },
    differences,
    shared: await countSharedAssets(tx, ref),
    unused: matchKeys
      .filter((by) => !rules.keys.includes(by))
      .map((by) => ({ by, devices: joined.get(by) ?? 0 })),
    junk: junkKinds.flatMap((kind) => {
      const known = new Set(knownJunk(kind, rules.junk[kind]));
      return rules.junk[kind].map((value) => ({
        kind,
        value,
        assets: assets.get(`${kind}:${junkKey(kind, value)}`) ?? 0,
        isKnown: known.has(value),
      }));
    }),
  };
}

const sum = (kinds: readonly DeviceKind[]): number => kinds.reduce((n, { devices }) => n + devices, 0);

const heldBy = (kinds: readonly DeviceKind[], scope: ApprovalScope): number =>
  sum(kinds.filter((kind) => waitsForApproval(scope, kind)));
