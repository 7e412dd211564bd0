import { Link } from "@remix-run/react";

import type { RunTrend } from "~/presenters/runs.server";

import { Card, CardBody, CardHeader } from "../ui/card";
import { cn } from "../ui/cn";
import { count, formatDuration, formatNumber } from "../ui/format";
import { formatDateTime } from "../ui/time-text";
import { useClock } from "../ui/time";
import { runStatusWords } from "../words";

const WIDTH = 480;
const HEIGHT = 72;
const GAP = 2;

type Point = RunTrend[number];

interface Measure {
  title: string;
  of(point: Point): number;
  text(value: number): string;
}

const measures: Measure[] = [
  { title: "Duration", of: (point) => point.durationMs, text: formatDuration },
  { title: "Devices seen", of: (point) => point.seen, text: formatNumber },
  { title: "Devices changed", of: (point) => point.changed, text: formatNumber },
];

/** How long the last full syncs took and what they brought, one bar each, the latest on the right. */
export const RunTrends = ({ points }: { points: RunTrend }) => (
  <Card>
    <CardHeader title="Full syncs over time" description={`The last ${count(points.length, "full sync")}.`} />
    <CardBody className="grid gap-x-6 gap-y-4 md:grid-cols-3">
      {measures.map((measure) => (
        <Bars key={measure.title} measure={measure} points={points} />
      ))}
    </CardBody>
  </Card>
);

function Bars({ measure, points }: { measure: Measure; points: Point[] }) {
  const { timeZone } = useClock();
  const highest = Math.max(1, ...points.map(measure.of));
  const step = WIDTH / points.length;
  const latest = points.at(-1);
  return (
    <figure>
      <figcaption className="flex justify-between gap-2 text-xs text-ink-muted">
        <span className="font-medium">{measure.title}</span>
        <span className="tabular-nums">
          {latest !== undefined && `now ${measure.text(measure.of(latest))}, `}
          at most {measure.text(Math.max(0, ...points.map(measure.of)))}
        </span>
      </figcaption>
      {/* What is drawn is also read aloud. Keys pass the bars by: the same runs are links in the list. */}
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="mt-1 h-20 w-full border-b border-line"
        role="group"
        aria-label={`${measure.title} of full syncs, oldest first`}
      >
        {points.map((point, n) => {
          const value = measure.of(point);
          const height = Math.max(1, (value / highest) * HEIGHT);
          const words = runStatusWords[point.status];
          const name = `${formatDateTime(new Date(point.endedMs), timeZone)}: ${measure.text(value)}, ${words.text.toLowerCase()}`;
          return (
            <Link key={point.id} to={`/runs/${point.id}`} aria-label={name} tabIndex={-1}>
              <title>{name}</title>
              <rect x={n * step} width={step} height={HEIGHT} className="fill-transparent" />
              <rect
                x={n * step + GAP / 2}
                width={Math.max(1, step - GAP)}
                y={HEIGHT - height}
                height={height}
                className={cn("hover:opacity-70", fills[words.tone] ?? "fill-accent")}
              />
            </Link>
          );
        })}
      </svg>
    </figure>
  );
}

const fills: Partial<Record<(typeof runStatusWords)[Point["status"]]["tone"], string>> = {
  warn: "fill-warn",
  bad: "fill-bad",
};
