import { withTenant } from "@db/client";
import { listDoubtfulAlerts, listNamedAlerts, type ReportedBefore } from "@db/queries/alerts/alert-polls";
import { getIntegration } from "@db/queries/connections/connections";
import { type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { latestCredibleInstant } from "@domain/observation";
import type { AlertSnapshot, RecordIssue } from "@domain/snapshots";
import { isRmmError, type RmmErrorCode } from "~/connectors/rmm-error";
import type { Pages, ProviderPage, RmmProvider, WalkOptions } from "~/connectors/rmm-provider";
import type { SyncDeps } from "~/platform/ports";

import { cursorOf, isAnotherAccount, LIST_AT_END, readCursor, type Place } from "./reconcile-place";

/** The most alerts read by id between two commits; each costs a request. */
const PAGE = 20;
/** The most alerts closed without a request between two commits. */
const NAMED_PAGE = 500;

interface Walk {
  deps: SyncDeps;
  run: RunRow;
  provider: RmmProvider;
  signal: AbortSignal | undefined;
  /** The ids of the last page. It is being written, so it is not among the run's pages yet. */
  beingWritten: string[];
}

interface Step {
  page: Omit<ProviderPage<AlertSnapshot>, "cursorAfter">;
  next: Place | null;
}

/**
 * Compares the stored active alerts with the account: first the list of active alerts, then by id each stored active
 * alert that the list lacks. The provider's answer closes an alert, never its absence from the list. Alerts that the
 * provider does not know are read twice: the first pass counts them, because many of them suggest a key of another
 * account. Alerts known by device and name only come last, after every report with an id has replaced its placeholder.
 */
export async function* reconcileAlerts(
  deps: SyncDeps,
  run: RunRow,
  provider: RmmProvider,
  { cursor, signal, ...walk }: WalkOptions,
): Pages<AlertSnapshot> {
  const on: Walk = { deps, run, provider, signal, beingWritten: [] };
  let place = readCursor(cursor);
  if (place === null) {
    const options = { ...walk, ...(cursor !== undefined && { cursor }), ...(signal && { signal }) };
    for await (const page of provider.listAlerts({ status: "active" }, options)) {
      on.beingWritten = page.idsSeen;
      yield page.cursorAfter === null ? { ...page, cursorAfter: cursorOf(LIST_AT_END) } : page;
    }
    place = LIST_AT_END;
  }
  for (let next: Place | null = place; next !== null;) {
    const step: Step = next.phase === "named" ? await closeNamed(on, next) : await ask(on, next);
    const isNothing = step.next !== null && step.next.asked === next.asked;
    next = step.next;
    if (isNothing) continue;
    yield { ...step.page, cursorAfter: next === null ? null : cursorOf(next) };
    on.beingWritten = step.page.idsSeen;
  }
}

/** Reads alerts by id. In the second pass, closes those that the provider does not know. */
async function ask({ deps, run, provider, signal, beingWritten }: Walk, place: Place): Promise<Step> {
  const reported = reportedBefore(run, deps.clock());
  const doubtful = await withTenant(deps.db, run.tenantId, (tx) =>
    listDoubtfulAlerts(tx, run, reported, place.after, PAGE),
  );
  const page: Step["page"] = { items: [], idsSeen: [], issues: [], observedAt: deps.clock() };
  const next = { ...place };
  for (const known of doubtful) {
    if (!beingWritten.includes(known.externalId)) {
      signal?.throwIfAborted();
      const asked = await askFor(provider, known, next.asked > place.asked);
      if (asked.state === "later") return { page, next };
      next.asked++;
      takeIn(page, next, known, asked);
    }
    next.after = known.externalId;
  }
  return { page, next: doubtful.length === PAGE ? next : await phaseAfter(deps, run, next) };
}

/**
 * The condition that an alert was reported at least `minutes` before the run began. A time in the future is not trusted
 * and counts as any time.
 */
function reportedBefore(run: RunRow, now: Date, minutes = 0): ReportedBefore {
  const startedAt = run.startedAt ?? now;
  return {
    before: new Date(startedAt.getTime() - minutes * 60_000),
    credibleUntil: latestCredibleInstant(now),
  };
}

type KnownAlert = Omit<AlertSnapshot, "status" | "resolvedAt">;

type Asked =
  | { state: "found"; item: AlertSnapshot; issues: RecordIssue[] }
  | { state: "gone" }
  /** The alert's state is unknown: the alert stays as it is and affects no other. */
  | { state: "refused"; issues: RecordIssue[] };

/** Errors that are about this alert alone, because the list could be read. */
const refusedAlone: readonly RmmErrorCode[] = ["bad_response", "rejected", "forbidden"];

/**
 * @param hasAnswers whether this step already has answers about other alerts. Then a rate limit ends the step, so that
 * those are stored; the next step meets the limit again.
 */
async function askFor(
  provider: RmmProvider,
  { externalId, name }: KnownAlert,
  hasAnswers: boolean,
): Promise<Asked | { state: "later" }> {
  try {
    const asked = await provider.getAlert(externalId);
    return asked.state === "unreadable" ? { state: "refused", issues: asked.issues } : asked;
  } catch (error) {
    if (!isRmmError(error)) throw error;
    if (error.code === "rate_limited" && hasAnswers) return { state: "later" };
    if (!refusedAlone.includes(error.code)) throw error;
    const issue = { severity: "record", externalId, name, field: null, reason: error.userMessage } as const;
    return { state: "refused", issues: [issue] };
  }
}

/** Adds the provider's answer about an alert to a page and to the counts. */
function takeIn(page: Step["page"], counts: Place, known: KnownAlert, asked: Asked): void {
  if (asked.state === "gone" && counts.phase === "asking") {
    counts.unknown++;
    return;
  }
  page.idsSeen.push(known.externalId);
  if (asked.state === "gone") {
    page.items.push({ ...known, status: "resolved", resolvedAt: page.observedAt });
    return;
  }
  page.issues.push(...asked.issues);
  if (asked.state === "found") page.items.push(asked.item);
  if (asked.state === "refused" || asked.item.status === "active") counts.unlisted++;
}

async function phaseAfter(deps: SyncDeps, run: RunRow, place: Place): Promise<Place> {
  const next: Place = { ...place, after: "" };
  if (place.phase === "closing" || place.unknown === 0) return { ...next, phase: "named" };
  if (!isAnotherAccount(place)) return { ...next, phase: "closing" };
  await withTenant(deps.db, run.tenantId, (tx) =>
    noteDegraded(tx, run, {
      resource: "alerts",
      reason: `Level does not know ${place.unknown} of the ${place.asked} alerts that are active here and not in its list; none was closed.`,
      hint: "Is the API key of another account? Then save the right one. Alerts that were really deleted in Level can be resolved on their pages.",
    }),
  );
  // The list proves nothing about alerts known by name, either.
  return { ...next, phase: "named", unlisted: place.unlisted + place.unknown };
}

/**
 * Closes alerts known by device and name only whose last report is older than one interval: if they were active, the
 * list would contain them. Closes none if the list was found incomplete.
 */
async function closeNamed({ deps, run }: Walk, place: Place): Promise<Step> {
  const observedAt = deps.clock();
  const named = await withTenant(deps.db, run.tenantId, async (tx) => {
    const integration = await getIntegration(tx, run.tenantId, run.connectionId);
    if (place.unlisted > 0 || integration === undefined) return [];
    const reported = reportedBefore(run, observedAt, integration.alertsSyncIntervalMinutes);
    return listNamedAlerts(tx, run, reported, place.after, NAMED_PAGE);
  });
  const items = named.map((known) => ({ ...known, status: "resolved" as const, resolvedAt: observedAt }));
  const idsSeen = items.map(({ externalId }) => externalId);
  const isLast = named.length < NAMED_PAGE;
  const next = { ...place, after: idsSeen.at(-1) ?? "", asked: place.asked + named.length };
  return { page: { items, idsSeen, issues: [], observedAt }, next: isLast ? null : next };
}
