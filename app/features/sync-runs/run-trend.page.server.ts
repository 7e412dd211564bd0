import { withTenant, type Db, type TenantDb } from "@db/client";
import { listSpans } from "@db/queries/sync-runs/run-days";
import { listRunTrend } from "@db/queries/sync-runs/run-history";
import { DAY_MS } from "@domain/durations";
import type { RunStatus } from "@domain/sync-words";

/** What one bar shows: a sync, or all syncs of a day or a week. */
export const trendViews = ["runs", "days", "weeks"] as const;
export type TrendView = (typeof trendViews)[number];

/** The most bars of a chart. */
const RUNS = 60;
const DAYS = 90;
const WEEKS = 52;

const WEEK_MS = 7 * DAY_MS;
/** The first Monday after the epoch, which is a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

export interface TrendPoint {
  /** When the sync ended, or when the day or week began, in ms. */
  atMs: number;
  /** The sync of the bar; null for a bar of several. */
  run: { id: string; status: RunStatus } | null;
  runs: number;
  failed: number;
  /** The duration of the sync, or the average of several. */
  durationMs: number;
  seen: number;
  /** The number of changes of the sync, or the sum of several. */
  changed: number;
}

/** The full syncs of a connection over time, oldest first. One statement. */
export async function readRunTrend(
  db: Db,
  tenantId: string,
  { connectionId, view, now }: { connectionId: string; view: TrendView; now: Date },
): Promise<TrendPoint[]> {
  return withTenant(db, tenantId, (tx) => {
    if (view === "runs") return lastRuns(tx, tenantId, connectionId);
    const unit = view === "days" ? "day" : "week";
    return spans(tx, tenantId, connectionId, { unit, starts: startsOf(unit, now) });
  });
}

async function lastRuns(tx: TenantDb, tenantId: string, connectionId: string): Promise<TrendPoint[]> {
  const runs = await listRunTrend(tx, tenantId, connectionId, RUNS);
  return runs.map(({ id, status, endedMs, ...figures }) => ({
    ...figures,
    atMs: endedMs,
    run: { id, status: status as RunStatus },
    runs: 1,
    failed: status === "failed" ? 1 : 0,
  }));
}

/** The beginnings of the chart's days or weeks, in UTC; weeks begin on Mondays. */
function startsOf(unit: "day" | "week", now: Date): number[] {
  const [length, origin, bars] = unit === "day" ? [DAY_MS, 0, DAYS] : [WEEK_MS, FIRST_MONDAY_MS, WEEKS];
  const current = Math.floor((now.getTime() - origin) / length) * length + origin;
  return Array.from({ length: bars }, (_, n) => current - (bars - 1 - n) * length);
}

/** The bars of days or weeks. Includes those without syncs, because the chart is for finding gaps. */
async function spans(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  { unit, starts }: { unit: "day" | "week"; starts: number[] },
): Promise<TrendPoint[]> {
  const since = new Date(starts[0]!);
  const found = new Map(
    (await listSpans(tx, tenantId, connectionId, { since, unit })).map((span) => [span.startMs, span]),
  );
  if (found.size === 0) return [];
  const nothing = { runs: 0, failed: 0, durationMs: 0, seen: 0, changed: 0 };
  return starts.map((atMs) => {
    const { runs, failed, durationMs, seen, changed } = found.get(atMs) ?? nothing;
    return { atMs, run: null, runs, failed, durationMs, seen: Math.round(seen), changed };
  });
}
