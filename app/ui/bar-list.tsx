import { Link } from "@remix-run/react";

import { formatNumber } from "@domain/format";

import { cn } from "./cn";

export interface Bar {
  label: string;
  value: number;
  /** The value as text; the number itself if absent. */
  text?: string;
  /** The list that the number counts. */
  to: string;
  tone?: "accent" | "good" | "warn" | "bad" | "neutral";
}

const fills = {
  accent: "bg-accent",
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  neutral: "bg-ink-faint",
} as const;

/**
 * Numbers as bars below each other, each a link to the list that it counts. The number is the text alternative of its
 * bar.
 * @param of the value of the longest possible bar
 */
export const BarList = ({ label, bars, of }: { label: string; bars: readonly Bar[]; of: number }) => (
  <ul aria-label={label} className="space-y-1">
    {bars.map(({ label: name, value, text, to, tone = "accent" }) => (
      <li key={name}>
        <Link
          to={to}
          prefetch="intent"
          className="group -mx-2 grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 rounded-md px-2 py-1 hover:bg-sunken"
        >
          <span className="truncate text-sm" title={name}>
            {name}
          </span>
          <span className="text-sm font-medium tabular-nums">{text ?? formatNumber(value)}</span>
          <span
            aria-hidden
            className="col-span-2 mt-1 h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset"
          >
            <span
              className={cn("block h-full rounded-full", fills[tone])}
              // At least 2 px, so that a few of very many are visible too.
              style={{
                width: value === 0 || of === 0 ? 0 : `max(2px, ${(100 * Math.min(value, of)) / of}%)`,
              }}
            />
          </span>
        </Link>
      </li>
    ))}
  </ul>
);
