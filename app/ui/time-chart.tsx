import { useId, useState, type KeyboardEvent, type PointerEvent } from "react";

import { DAY_MS } from "@domain/durations";
import { formatNumber } from "@domain/format";

import { cn } from "./cn";

export interface Series {
  label: string;
  /** One value for each day. */
  values: readonly number[];
  tone: keyof typeof tones;
}

const tones = {
  accent: { line: "stroke-accent", area: "fill-accent/15", dot: "bg-accent" },
  warn: { line: "stroke-warn", area: "fill-warn/15", dot: "bg-warn" },
  neutral: { line: "stroke-ink-faint", area: "fill-ink-faint/15", dot: "bg-ink-faint" },
} as const;

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 44;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;

interface TimeChartProps {
  title: string;
  /** Days in UTC, oldest first. */
  days: readonly string[];
  series: readonly Series[];
}

/**
 * Numbers over days as lines with axes. A pointer or the arrow keys choose a day, whose numbers appear below the chart.
 * The table under “Show the numbers” has all of them.
 */
export function TimeChart({ title, days, series }: TimeChartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const id = useId();
  const last = days.length - 1;
  const at = Math.min(chosen ?? last, last);
  const ticks = ticksUpTo(Math.max(1, ...series.flatMap(({ values }) => values)));
  const top = ticks.at(-1)!;
  // Days without a number keep their width, because without them the line would be too steep.
  const times = days.map(timeOf);
  const [first, end] = [times[0]!, times[last]!];
  const xOf = (time: number) =>
    LEFT + (WIDTH - LEFT - RIGHT) * (first === end ? 1 : (time - first) / (end - first));
  const x = (index: number) => xOf(times[index]!);
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const choose = (event: PointerEvent<SVGSVGElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const position = ((event.clientX - left) / width) * WIDTH;
    const distances = days.map((_, index) => Math.abs(x(index) - position));
    setChosen(distances.indexOf(Math.min(...distances)));
  };
  const step = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(clamp(to, last));
  };
  const summary = series
    .map(({ label, values }) => `${label} ${formatNumber(values[0]!)} to ${formatNumber(values[last]!)}`)
    .join(", ");
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="w-full touch-pan-y rounded-sm text-[11px] select-none"
        role="slider"
        tabIndex={0}
        aria-label={`${title}, ${dayText(days[0]!)} to ${dayText(days[last]!)}: ${summary}`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={textOf(days[at]!, series, at)}
        onPointerMove={choose}
        onPointerDown={choose}
        onPointerLeave={() => setChosen(null)}
        onKeyDown={step}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} className="stroke-line" />
            <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end" className="fill-ink-muted">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        {timesOnAxis(first, end).map((time) => (
          <text
            key={time}
            x={xOf(time)}
            y={HEIGHT - 6}
            textAnchor={time === end ? "end" : time === first ? "start" : "middle"}
            className="fill-ink-muted"
          >
            {formatDay.format(time)}
          </text>
        ))}
        {series.map(({ label, values, tone }) => {
          const points = values.map((value, index) => `${x(index)},${y(value)}`).join(" ");
          return (
            <g key={label}>
              <polygon points={`${x(0)},${y(0)} ${points} ${x(last)},${y(0)}`} className={tones[tone].area} />
              <polyline points={points} className={cn("fill-none", tones[tone].line)} strokeWidth={2} />
              <circle
                cx={x(at)}
                cy={y(values[at]!)}
                r={3.5}
                className={cn("fill-surface", tones[tone].line)}
                strokeWidth={2}
              />
            </g>
          );
        })}
        {chosen !== null && (
          <line
            x1={x(at)}
            x2={x(at)}
            y1={TOP}
            y2={HEIGHT - BOTTOM}
            className="stroke-ink-faint"
            strokeDasharray="3 3"
          />
        )}
      </svg>
      <figcaption className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-muted tabular-nums">
        <span className="font-medium">{dayText(days[at]!)}</span>
        {series.map(({ label, values, tone }) => (
          <span key={label} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={cn("size-2 rounded-full", tones[tone].dot)} />
            {label} {formatNumber(values[at]!)}
          </span>
        ))}
      </figcaption>
      <details className="mt-2 text-xs print:hidden">
        <summary className="w-fit rounded-sm text-ink-muted hover:text-ink">Show the numbers</summary>
        <div
          className="relative mt-1 max-h-60 overflow-auto"
          role="region"
          aria-labelledby={`${id}-title`}
          tabIndex={0}
        >
          <table className="tabular-nums">
            <caption id={`${id}-title`} className="sr-only">
              {title}
            </caption>
            <thead>
              <tr>
                <th scope="col" className="pr-6 text-left font-medium">
                  Day
                </th>
                {series.map(({ label }) => (
                  <th key={label} scope="col" className="pr-6 text-right font-medium">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.map((day, index) => (
                <tr key={day}>
                  <th scope="row" className="pr-6 text-left font-normal">
                    {dayText(day)}
                  </th>
                  {series.map(({ label, values }) => (
                    <td key={label} className="pr-6 text-right">
                      {formatNumber(values[index]!)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

const clamp = (index: number, last: number) => Math.max(0, Math.min(last, index));

const formatDay = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
const dayText = (day: string) => formatDay.format(timeOf(day));

const textOf = (day: string, series: readonly Series[], at: number) =>
  `${dayText(day)}: ${series.map(({ label, values }) => `${label} ${formatNumber(values[at]!)}`).join(", ")}`;

/** The first and the last day; of more than three days, also the middle one. */
function timesOnAxis(first: number, end: number): number[] {
  const days = (end - first) / DAY_MS;
  if (days === 0) return [end];
  return days < 4 ? [first, end] : [first, first + Math.round(days / 2) * DAY_MS, end];
}

/** Round numbers from zero to at least the highest value: at most five steps of 1, 2 or 5 times a power of ten. */
function ticksUpTo(highest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(highest / 4 || 1));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((one) => one * 4 >= highest)!,
  );
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step);
}
