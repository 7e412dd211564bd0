import type { SerializeFrom } from "@remix-run/node";

import type { RunSummary } from "@db/queries/sync-runs/run-list";
import { count, formatDuration, formatNumber } from "@domain/format";
import { isInFlight, syncTypeLabels } from "~/ui/labels";

export type ShownRun = SerializeFrom<RunSummary>;

/** The title of a run: "Full sync", "Single device: FRONT-DESK-01". */
export const runTitle = ({ type, target }: Pick<ShownRun, "type" | "target">): string =>
  target === null ? syncTypeLabels[type] : `${syncTypeLabels[type]}: ${target.name}`;

/** The page of a run's asset or alert; null if there is none. */
export function targetPath({ target }: Pick<ShownRun, "target">): string | null {
  if (target?.assetId) return `/assets/${target.assetId}`;
  return target?.alertId ? `/alerts/${target.alertId}` : null;
}

/** 0 – 100 while a run is open and the last run shows its size; otherwise null. */
export function percentDone(run: ShownRun): number | null {
  if (!isInFlight(run.status)) return 100;
  if (!run.expectedItems || run.status === "queued") return null;
  // The updates are read after the devices, so 100 % would be wrong meanwhile.
  return Math.min(97, (run.itemsSeen / run.expectedItems) * 97);
}

/** Milliseconds that a run took, or has been running at `now`. Null before it began. */
function runDurationMs(run: ShownRun, now: number): number | null {
  if (run.startedAt === null) return null;
  const end = run.endedAt === null ? now : new Date(run.endedAt).getTime();
  return Math.max(0, end - new Date(run.startedAt).getTime());
}

export function durationText(run: ShownRun, now: number): string {
  const ms = runDurationMs(run, now);
  return ms === null ? "–" : formatDuration(ms);
}

/** Records per second as text: "840/s". Null while the number would mean nothing. */
export function rateText(run: ShownRun, now: number): string | null {
  const ms = runDurationMs(run, now);
  if (ms === null || ms < 500 || run.itemsSeen === 0) return null;
  const rate = run.itemsSeen / (ms / 1000);
  return `${rate >= 10 ? formatNumber(Math.round(rate)) : rate.toFixed(1)}/s`;
}

/** What a run did, without zeros: "12 created, 3 updated, 2,481 unchanged". */
export function outcomeText(run: ShownRun): string {
  const parts: [number, string][] = [
    [run.itemsCreated, "created"],
    [run.itemsUpdated, "updated"],
    [run.itemsUnchanged, "unchanged"],
    [run.itemsSkipped, "skipped"],
    [run.itemsGone, "gone"],
    [run.itemsHeld, "held"],
    [run.itemsFailed, "failed"],
    [run.itemsIgnored, "ignored"],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, word]) => `${formatNumber(n)} ${word}`);
  if (said.length > 0)
    return run.type === "dry_run" ? `Nothing written; would be ${said.join(", ")}` : said.join(", ");
  return run.itemsSeen > 0 ? `${count(run.itemsSeen, "record")} seen` : "–";
}
