import { Link } from "@remix-run/react";

import { count, formatDuration, formatNumber } from "@domain/format";
import type { Tone } from "~/ui/badge";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { cn } from "~/ui/cn";
import { Choice, ChoiceForm } from "~/ui/filter-form";
import { runStatusLabels } from "~/ui/labels";
import { useClock } from "~/ui/time";
import { formatDateTime } from "~/ui/time-text";

import type { TrendPoint, TrendView } from "./run-trend.page.server";

const WIDTH = 480;
const HEIGHT = 72;
const GAP = 2;

/** With fewer bars than this, the left stays empty instead of showing very wide bars. */
const MIN_BARS = 20;

interface Measure {
  title: string;
  of(point: TrendPoint): number;
  text(value: number): string;
  /** Whether the values of several syncs are added up. */
  isSum?: boolean;
}

const measures: Measure[] = [
  { title: "Duration", of: (point) => point.durationMs, text: formatDuration },
  { title: "Devices seen", of: (point) => point.seen, text: formatNumber },
  { title: "Devices changed", of: (point) => point.changed, text: formatNumber, isSum: true },
];

const viewWords: Record<TrendView, { choice: string; bar: string }> = {
  runs: { choice: "Last 60 syncs", bar: "a full sync" },
  days: { choice: "90 days", bar: "a day, of UTC" },
  weeks: { choice: "A year", bar: "a week, of UTC" },
};

interface RunTrendsProps {
  points: TrendPoint[];
  view: TrendView;
  /** The connection whose syncs are shown. */
  connectionId: string;
  integrations: { id: string; label: string }[];
  /** The filters of the list above, which stay when another chart is chosen. */
  filters: Record<string, string>;
}

/** The durations of a connection's full syncs and the number of their changes, latest on the right. */
export function RunTrends({ points, view, connectionId, integrations, filters }: RunTrendsProps) {
  return (
    <Card>
      <CardHeader
        title="Full syncs over time"
        description={`Each bar is ${viewWords[view].bar}.`}
        actions={
          <ChoiceForm className="flex flex-wrap items-center gap-2">
            {Object.entries(filters).map(
              ([name, value]) => value !== "" && <input key={name} type="hidden" name={name} value={value} />,
            )}
            {integrations.length > 1 && (
              <Choice
                label="Connection of the chart"
                name="of"
                value={connectionId}
                options={integrations.map(({ id, label }) => [id, label] as const)}
              />
            )}
            <Choice
              label="Period of the chart"
              name="chart"
              value={view}
              options={Object.entries(viewWords).map(([one, { choice }]) => [one, choice] as const)}
            />
          </ChoiceForm>
        }
      />
      <CardBody className="grid gap-x-6 gap-y-4 md:grid-cols-3">
        {points.length === 0 ? (
          <p className="text-sm text-ink-muted md:col-span-3">No full sync has ended in this time.</p>
        ) : (
          measures.map((measure) => (
            <Bars key={measure.title} measure={measure} points={points} isOfRuns={view === "runs"} />
          ))
        )}
      </CardBody>
    </Card>
  );
}

interface BarsProps {
  measure: Measure;
  points: TrendPoint[];
  isOfRuns: boolean;
}

function Bars({ measure, points, isOfRuns }: BarsProps) {
  const { timeZone } = useClock();
  const highest = Math.max(1, ...points.map(measure.of));
  const step = WIDTH / Math.max(MIN_BARS, points.length);
  const start = WIDTH - points.length * step;
  const latest = points.filter(({ runs }) => runs > 0).at(-1);
  const isAverage = !isOfRuns && measure.isSum !== true;
  return (
    <figure>
      <figcaption className="flex justify-between gap-2 text-xs text-ink-muted">
        <span className="font-medium">
          {measure.title}
          {isAverage && <span className="font-normal text-ink-faint">, average</span>}
        </span>
        <span className="tabular-nums">
          {latest !== undefined && `now ${measure.text(measure.of(latest))}, `}
          at most {measure.text(Math.max(0, ...points.map(measure.of)))}
        </span>
      </figcaption>
      {/* Screen readers read the values too. The Tab key skips the bars: the list below links to the same runs. */}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="mt-1 h-20 w-full border-b border-line"
        role="group"
        aria-label={`${measure.title} of full syncs, oldest first`}
      >
        {points.map((point, n) => {
          const value = measure.of(point);
          const height = point.runs === 0 ? 0 : Math.max(1, (value / highest) * HEIGHT);
          const name = nameOf(point, measure.text(value), timeZone);
          const bar = (
            <>
              <title>{name}</title>
              <rect x={start + n * step} width={step} height={HEIGHT} className="fill-transparent" />
              <rect
                x={start + n * step + GAP / 2}
                width={Math.max(1, step - GAP)}
                y={HEIGHT - height}
                height={height}
                className={cn("hover:opacity-70", fillOf(point))}
              />
            </>
          );
          return point.run === null ? (
            <g key={point.atMs} role="img" aria-label={name}>
              {bar}
            </g>
          ) : (
            <Link key={point.run.id} to={`/runs/${point.run.id}`} aria-label={name} tabIndex={-1}>
              {bar}
            </Link>
          );
        })}
      </svg>
    </figure>
  );
}

function nameOf({ atMs, run, runs, failed }: TrendPoint, value: string, timeZone: string): string {
  const at = new Date(atMs);
  if (run !== null)
    return `${formatDateTime(at, timeZone)}: ${value}, ${runStatusLabels[run.status].text.toLowerCase()}`;
  const day = days.format(at);
  if (runs === 0) return `${day}: no full sync`;
  return `${day}: ${value}, ${count(runs, "full sync")}${failed === 0 ? "" : `, ${failed} failed`}`;
}

const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

function fillOf({ run, runs, failed }: TrendPoint): string {
  if (run !== null) return fills[runStatusLabels[run.status].tone] ?? "fill-accent";
  if (failed === 0) return "fill-accent";
  return failed === runs ? "fill-bad" : "fill-warn";
}

const fills: Partial<Record<Tone, string>> = { warn: "fill-warn", bad: "fill-bad" };
