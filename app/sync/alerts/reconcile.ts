import { withTenant } from "@db/client";
import { listDoubtfulAlerts } from "@db/queries/alert-polls";
import type { RunRow } from "@db/queries/runs";
import type { WrittenAlert } from "@db/queries/alerts";
import type { AlertSnapshot, RecordIssue } from "~/domain/snapshots";
import type { Pages, RmmProvider, WalkOptions } from "~/integrations/rmm-provider";

import type { SyncDeps } from "../ports";

/** Stands in the cursor once the list is at its end: what follows it is the last alert that was asked for by id. */
const ASKING = "asking:";
/** Alerts asked for by id between two commits; each costs a request. */
const PAGE = 20;

/**
 * Goes over the account's active alerts, and then asks for each alert that is active here and was not among them. What
 * the list leaves out is never closed for that alone: each is closed by the provider's own word.
 */
export async function* reconcileAlerts(
  deps: SyncDeps,
  run: RunRow,
  provider: RmmProvider,
  walk: WalkOptions,
): Pages<AlertSnapshot> {
  let after = "";
  // The page that is being written while the next one is fetched is not among the run's pages yet.
  let beingWritten: string[] = [];
  if (walk.cursor?.startsWith(ASKING) === true) {
    after = walk.cursor.slice(ASKING.length);
  } else {
    for await (const page of provider.listAlerts({ status: "active" }, walk)) {
      beingWritten = page.idsSeen;
      yield page.cursorAfter === null ? { ...page, cursorAfter: ASKING } : page;
    }
  }
  for (;;) {
    const doubtful = await withTenant(deps.db, run.tenantId, (tx) =>
      listDoubtfulAlerts(tx, run, after, PAGE),
    );
    const observedAt = deps.clock();
    const items: AlertSnapshot[] = [];
    const issues: RecordIssue[] = [];
    for (const known of doubtful) {
      if (beingWritten.includes(known.externalId)) continue;
      walk.signal?.throwIfAborted();
      const asked = await provider.getAlert(known.externalId);
      if (asked.state === "found") issues.push(...asked.issues);
      items.push(
        asked.state === "found" ? asked.item : { ...known, status: "resolved", resolvedAt: observedAt },
      );
    }
    after = doubtful.at(-1)?.externalId ?? after;
    const isLast = doubtful.length < PAGE;
    const idsSeen = items.map(({ externalId }) => externalId);
    yield { items, idsSeen, issues, cursorAfter: isLast ? null : ASKING + after, observedAt };
    if (isLast) return;
  }
}

/** A change this young may still be on its way: the webhook has two minutes before it counts as silent. */
const TELLING_TAKES_MS = 2 * 60_000;

/** How many of the written alerts were opened or closed in the account without a word of the webhook. */
export function countUntoldAlerts(written: WrittenAlert[], told: AlertSnapshot[], observedAt: Date): number {
  const byId = new Map(told.map((alert) => [alert.externalId, alert]));
  return written.filter(({ externalId, statusBefore }) => {
    const alert = byId.get(externalId);
    if (alert === undefined || alert.status === statusBefore) return false;
    const changedAt = alert.status === "resolved" ? alert.resolvedAt : alert.startedAt;
    return changedAt === null || observedAt.getTime() - changedAt.getTime() >= TELLING_TAKES_MS;
  }).length;
}
