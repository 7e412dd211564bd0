import { cn } from "./cn";

export interface ProgressProps {
  label: string;
  /** 0 – 100; null if unknown. */
  percent: number | null;
  tone?: "accent" | "good" | "warn" | "bad";
  className?: string;
}

const fills = { accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad" } as const;

export function Progress({ label, percent, tone = "accent", className }: ProgressProps) {
  const value = percent === null ? undefined : Math.round(Math.max(0, Math.min(100, percent)));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
      className={cn("h-1.5 overflow-hidden rounded-full bg-sunken ring-1 ring-line ring-inset", className)}
    >
      <div
        className={cn(
          "h-full rounded-full transition-[width] duration-500",
          fills[tone],
          value === undefined && "w-1/3 animate-indeterminate",
        )}
        style={value === undefined ? undefined : { width: `${value}%` }}
      />
    </div>
  );
}

/** A placeholder for content that is still loading. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden className={cn("block h-4 animate-pulse rounded bg-sunken", className)} />
);
