import { NIL as NIL_UUID } from "uuid";

import type { TenantDb } from "@db/client";
import type { ReviewRow } from "@db/queries/device-sync/identity";
import type { Actor } from "@domain/actor";
import type { MatchDecision } from "@domain/match-decision";
import type { ConnectionRef } from "@domain/refs";
import { writeDevices } from "~/features/device-sync/devices";
import { isReadableDevice, reviveDevice } from "~/features/device-sync/kept-snapshot";
import type { PageDecisions } from "~/features/device-sync/page-decisions";
import { recountPending } from "~/features/device-sync/recount-pending";
import type { PageScope } from "~/features/sync-engine/resource";

/** A run for writing a person's decision, which belongs to no run. */
export const handRun = (ref: ConnectionRef, actor: Actor) => ({
  ...ref,
  id: NIL_UUID,
  type: "device" as const,
  actor: actor.name,
  appliesRunId: null,
});

/** The reviews whose device can be restored, and the names of the other devices, about which nothing can be decided. */
export function readableReviews(reviews: readonly ReviewRow[]): {
  readable: ReviewRow[];
  unreadable: string[];
} {
  const readable: ReviewRow[] = [];
  const unreadable: string[] = [];
  for (const review of reviews) {
    if (isReadableDevice(review.device)) readable.push(review);
    else unreadable.push(review.name);
  }
  return { readable, unreadable };
}

/** Writes reviewed devices of one connection as a sweep would, with a constant number of statements. */
export async function writeReviewed(
  tx: TenantDb,
  scope: PageScope & { run: ReturnType<typeof handRun> },
  reviews: ReviewRow[],
  groups: PageDecisions,
  decisions: ReadonlyMap<string, MatchDecision>,
): Promise<void> {
  await writeDevices(
    tx,
    scope,
    reviews.map(({ device }) => reviveDevice(device)),
    groups,
    decisions,
  );
  await recountPending(tx, scope.run, scope.now, reviews.length === 1 ? reviews[0]!.externalId : undefined);
}
