import { cn } from "./cn";

export interface Column {
  /** The label on the axis below the column. */
  label: string;
  /** Null if there is no value to show. */
  value: number | null;
  /** The value as text. */
  text: string;
  tone?: "accent" | "good" | "warn" | "bad" | "neutral";
}

interface ColumnChartProps {
  label: string;
  columns: readonly Column[];
  /** The value at the upper end of the axis. */
  highest: number;
  /** The values on the left axis, with their texts. */
  ticks: readonly (readonly [value: number, text: string])[];
}

const fills = {
  accent: "fill-accent",
  good: "fill-good",
  warn: "fill-warn",
  bad: "fill-bad",
  neutral: "fill-ink-faint",
} as const;

const HEIGHT = 100;
const STEP = 10;

/** Values over time as columns, with axes. Screen readers read the same values as a table. */
export function ColumnChart({ label, columns, highest, ticks }: ColumnChartProps) {
  const width = columns.length * STEP;
  const yOf = (value: number) => HEIGHT - (Math.min(value, highest) / highest) * HEIGHT;
  const shown = columns.length === 0 ? [] : [columns[0]!, columns[columns.length >> 1]!, columns.at(-1)!];
  return (
    <figure className="relative">
      <div
        aria-hidden
        className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-xs text-ink-faint tabular-nums"
      >
        <div className="relative h-24">
          {/* Invisible: gives the axis the width of its widest tick, because the ticks are positioned absolutely. */}
          <span className="invisible">
            {ticks.reduce((long, [, text]) => (text.length > long.length ? text : long), "")}
          </span>
          {ticks.map(([value, text]) => (
            <span
              key={value}
              className="absolute right-0 -translate-y-1/2 whitespace-nowrap"
              style={{ top: `${yOf(value)}%` }}
            >
              {text}
            </span>
          ))}
        </div>
        <svg
          viewBox={`0 0 ${width} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="h-24 w-full overflow-visible"
        >
          {ticks.map(([value]) => (
            <line
              key={value}
              x1={0}
              x2={width}
              y1={yOf(value)}
              y2={yOf(value)}
              className={value === 0 ? "stroke-line-strong" : "stroke-line"}
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {columns.map(({ label: name, value, text, tone = "accent" }, n) => (
            <g key={name}>
              <title>{`${name}: ${text}`}</title>
              <rect x={n * STEP} width={STEP} height={HEIGHT} className="fill-transparent" />
              {value !== null && (
                <rect
                  x={n * STEP + 1.5}
                  width={STEP - 3}
                  y={Math.min(yOf(value), HEIGHT - 1)}
                  height={Math.max(HEIGHT - yOf(value), 1)}
                  className={cn(fills[tone])}
                />
              )}
            </g>
          ))}
        </svg>
        <div />
        <div className="mt-1.5 flex justify-between">
          {shown.map(({ label: name }, n) => (
            <span key={n}>{name}</span>
          ))}
        </div>
      </div>
      {/* Hides the table by an element around it, because a table is as high as its rows, whatever height it sets. */}
      <div className="sr-only">
        <table>
          <caption>{label}</caption>
          <tbody>
            {columns.map(({ label: name, text }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
