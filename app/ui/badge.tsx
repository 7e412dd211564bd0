import { cva } from "class-variance-authority";
import type { ReactNode } from "react";

import { cn } from "./cn";

export type Tone = "neutral" | "good" | "warn" | "bad" | "worst" | "info" | "accent";

const badge = cva(
  "inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap",
  {
    variants: {
      tone: {
        neutral: "bg-sunken text-ink-muted",
        good: "bg-good-soft text-good",
        warn: "bg-warn-soft text-warn",
        bad: "bg-bad-soft text-bad",
        /** A stronger colour than that of the other bad states. */
        worst: "bg-bad text-surface [&>span]:bg-surface",
        info: "bg-info-soft text-info",
        accent: "bg-accent-soft text-accent-strong",
      } satisfies Record<Tone, string>,
    },
  },
);

const dots: Record<Tone, string> = {
  neutral: "bg-ink-faint",
  good: "bg-good",
  warn: "bg-warn",
  bad: "bg-bad",
  worst: "bg-bad ring-2 ring-bad/40",
  info: "bg-info",
  accent: "bg-accent",
};

export interface BadgeProps {
  tone?: Tone;
  dot?: boolean;
  /** The dot pulses, because something is running. */
  live?: boolean;
  title?: string;
  className?: string;
  children: ReactNode;
}

export const Badge = ({
  tone = "neutral",
  dot = false,
  live = false,
  title,
  className,
  children,
}: BadgeProps) => (
  <span className={cn(badge({ tone }), className)} title={title}>
    {(dot || live) && <Dot tone={tone} live={live} />}
    {children}
  </span>
);

export const Dot = ({ tone, live = false }: { tone: Tone; live?: boolean }) => (
  <span aria-hidden className={cn("size-1.5 shrink-0 rounded-full", dots[tone], live && "animate-pulse")} />
);
