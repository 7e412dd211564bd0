import type { AuditEntry } from "@db/queries/audit/audit";
import type { DeviceWrite, SkippedWrite, TouchedWrite } from "@db/queries/device-sync/devices";
import type { KeptRecord, ReviewWrite } from "@db/queries/device-sync/identity";
import type { PendingMatchWrite } from "@db/queries/device-sync/pending-matches";
import type { PendingChangeWrite } from "@db/queries/review/held";
import type { DeviceLink, ReportedFields } from "@db/schema";
import { hardwareWordsOf } from "@domain/device-identity";
import { isHeld } from "@domain/device-plan";
import { blankFields } from "@domain/field-origin";
import { isReviewReason, type MatchDecision, type ReviewReason } from "@domain/match-decision";
import type { PageScope } from "~/features/sync-engine/resource";
import type { RecordedMove } from "~/platform/audit-moves";

import { sharedKeysOf } from "./device-matches";
import { isNew, isSweep, deviceName, type NewDevice, type PlannedDevice } from "./device-plans";

/** The rows to write for a planned page, by statement. */
export interface DeviceWrites {
  created: DeviceWrite[];
  /** Devices that join an existing asset. */
  joined: DeviceWrite[];
  updated: DeviceWrite[];
  touched: TouchedWrite[];
  skipped: SkippedWrite[];
  /**
   * Assets whose stored facts stay, but which went online or offline, lost their client or came back, so that
   * subscribers must be notified.
   */
  live: Pick<DeviceWrite, "assetId" | "externalId">[];
  /** Assets whose devices no longer have a client. */
  released: string[];
  /** Assets that move to another client, or to none. */
  moves: RecordedMove[];
  /** Devices linked to an asset, with who linked them, for the audit log. */
  links: (AuditEntry & { actor: string })[];
  staged: PendingChangeWrite[];
  /**
   * New devices that wait for the end of the sweep. In a dry run also those that do not wait, because their keys count.
   */
  arrivals: PendingMatchWrite[];
  reviews: ReviewWrite[];
  /** Devices that already waited and keep waiting until the end of the sweep. */
  renewed: KeptRecord[];
  /** Devices that no longer wait. */
  decided: string[];
  /**
   * The number of devices without an asset, changed or not. A device that is about to lose its client is written and
   * counts here.
   */
  skippedCount: number;
}

/**
 * Sorts planned devices into the rows to write. Pure except for new ids.
 * @param decisions the decision on each device without an asset
 */
export function sortWrites(
  scope: PageScope,
  planned: PlannedDevice[],
  decisions: ReadonlyMap<string, MatchDecision>,
): DeviceWrites {
  const writes: DeviceWrites = {
    created: [],
    joined: [],
    updated: [],
    touched: [],
    live: [],
    skipped: [],
    released: [],
    moves: [],
    links: [],
    staged: [],
    arrivals: [],
    reviews: [],
    renewed: [],
    decided: [],
    skippedCount: 0,
  };
  for (const device of planned) {
    const { snapshot, before, plan, deviceRowId, observedAt } = device;
    for (const change of plan.staged) {
      const about = {
        externalId: snapshot.externalId,
        assetId: device.assetId,
        name: device.before!.assetName!,
      };
      writes.staged.push({ ...about, ...change });
    }
    if (isNew(device)) place(scope, writes, device, decisions.get(snapshot.externalId)!);
    switch (plan.action) {
      case "create":
        break;
      case "update": {
        const write = toWrite(device, plan.clientId, plan.name, device.assetId, null);
        writes.moves.push(...moveOf(scope, device, plan.clientId));
        writes.updated.push(write);
        break;
      }
      case "touch":
        writes.touched.push({ deviceRowId, liveness: snapshot.liveness, observedAt });
        writes.live.push(...newsOf(device));
        break;
      case "nothing":
        break;
      case "skip":
        writes.skippedCount++;
        if (isWaiting(device)) writes.decided.push(snapshot.externalId);
        if (plan.write) {
          writes.skipped.push(toSkipped(device, plan.reason));
          if (before?.assetId != null && !before.isOutranked) writes.released.push(before.assetId);
          writes.live.push(...newsOf(device));
          writes.moves.push(...moveOf(scope, device, null));
        }
        break;
    }
  }
  return writes;
}

const isWaiting = ({ before }: PlannedDevice): boolean => isReviewReason(before?.skipReason);

function place(scope: PageScope, writes: DeviceWrites, device: NewDevice, decision: MatchDecision): void {
  const { snapshot, before, plan, identity, observedAt } = device;
  const { externalId } = snapshot;
  const at = scope.now.toISOString();
  const kept = { ...snapshot, observedAt: observedAt.toISOString() };
  const isNews = before === undefined || before.isGone || before.contentHash !== device.contentHash;
  const skipAs = (reason: ReviewReason, isSaid: boolean) => {
    writes.skippedCount++;
    if (isNews || !isSaid || !isSweep(scope)) writes.skipped.push(toSkipped(device, reason));
  };
  const arrive = (arriving: PendingMatchWrite["device"]) =>
    writes.arrivals.push({ externalId, keys: sharedKeysOf(identity), device: arriving, observedAt });
  switch (decision.action) {
    case "defer":
      skipAs(before?.skipReason === "ambiguous" ? "ambiguous" : "waiting", isWaiting(device));
      if (isWaiting(device)) writes.renewed.push({ externalId, name: deviceName(device), device: kept });
      arrive(kept);
      return;
    case "review": {
      const { reason, candidates } = decision;
      const isSaid = before?.skipReason === reason;
      skipAs(reason, isSaid);
      // Many devices may wait for approval for long, so nothing is written for them until something changes.
      const isDecided = isSaid && !isNews && (reason === "approval" || reason === "rejected");
      if (!isDecided || !isSweep(scope))
        writes.reviews.push({ externalId, name: deviceName(device), reason, candidates, device: kept });
      return;
    }
    case "link": {
      const { assetId, link } = decision;
      writes.joined.push(toWrite(device, plan.clientId, snapshot.name, assetId, linkBy(scope, link)));
      const key = "key" in link ? link.key : undefined;
      writes.links.push({
        actor: link.by === "hand" ? link.actor : scope.run.actor,
        action: "asset.linked",
        targetType: "asset",
        targetId: assetId,
        details: { name: deviceName(device), externalId, by: link.by, key },
      });
      break;
    }
    case "create":
      writes.created.push(
        toWrite(device, plan.clientId, snapshot.name, device.assetId, { by: "created", at }),
      );
      if (scope.run.type === "dry_run") arrive(null);
  }
  writes.decided.push(...(isWaiting(device) ? [externalId] : []));
}

const linkBy = (
  { run, now }: PageScope,
  link: Extract<MatchDecision, { action: "link" }>["link"],
): DeviceLink => ({
  ...link,
  at: now.toISOString(),
  ...(link.by === "hand" ? {} : { runId: run.id }),
});

function toWrite(
  device: PlannedDevice,
  clientId: string,
  name: string | null,
  assetId: string,
  link: DeviceLink | null,
): DeviceWrite {
  const { snapshot, contentHash, deviceRowId, identity, observedAt } = device;
  return {
    ...snapshot,
    observedAt,
    ...identity,
    deviceRowId,
    assetId,
    clientId,
    contentHash,
    name,
    displayName: deviceName(device),
    reported: reportedBy(device),
    undone: device.undone,
    link,
    isOutranked: device.before?.isOutranked === true,
  };
}

/** The device if subscribers must be notified although none of its facts changed; otherwise empty. */
function newsOf({ before, snapshot, plan }: PlannedDevice): DeviceWrites["live"] {
  if (before?.assetId == null) return [];
  const isNews =
    before.agentStatus !== snapshot.liveness.agentStatus ||
    before.isGone ||
    (plan.action === "skip" && before.skipReason === null);
  return isNews ? [{ assetId: before.assetId, externalId: snapshot.externalId }] : [];
}

function toSkipped(device: PlannedDevice, reason: SkippedWrite["reason"]): SkippedWrite {
  const { snapshot, deviceRowId, contentHash, identity, observedAt } = device;
  return {
    ...snapshot,
    observedAt,
    name: deviceName(device),
    deviceRowId,
    contentHash,
    identity: { ...identity, ...hardwareWordsOf(snapshot) },
    reason,
    reported: reportedBy(device),
  };
}

/** The RMM's values of the fields that a person can override. */
const reportedBy = ({ reported, reportedClientId }: PlannedDevice): ReportedFields => ({
  name: reported.name,
  assetType: reported.assetType,
  location: reported.location,
  clientId: reportedClientId,
  blank: blankFields(reported),
});

/** The move that writing the device makes, if its asset has a client that is not overridden; otherwise empty. */
function moveOf({ run }: PageScope, { before }: PlannedDevice, toClientId: string | null): RecordedMove[] {
  if (before?.assetId == null || before.clientId === null || before.clientId === toClientId) return [];
  if (before.isOutranked || isHeld(before, "client")) return [];
  const { assetId, clientId: fromClientId } = before;
  return [{ assetId, name: before.assetName ?? "", fromClientId, toClientId, runId: run.id }];
}
