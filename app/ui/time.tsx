import { createContext, useContext, useEffect, useState, type ReactNode } from "react";

import { cn } from "./cn";
import { formatDateTime, formatDay, formatRelative } from "./time-text";

export interface Clock {
  /** The server's time when it made the page, in ms. */
  now: number;
  /** The reader's zone, if the server knows it; otherwise UTC. */
  timeZone: string;
}

const ClockContext = createContext<Clock>({ now: 0, timeZone: "UTC" });

/** The time and zone by which times are shown: at first the server's, then the browser's. See ClockProvider. */
export const useClock = () => useContext(ClockContext);

/** How often "2 minutes ago" is updated. */
const TICK_MS = 15_000;

/**
 * Provides the current time and a zone to the times below it. The first paint uses the server's, so that server and
 * browser render the same text; after that the browser's clock ticks, and a cookie keeps the browser's zone for the
 * next page.
 */
export function ClockProvider({ now, timeZone, children }: Clock & { children: ReactNode }) {
  const [clock, setClock] = useState<Clock>({ now, timeZone });
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
    const tick = () => setClock({ now: Date.now(), timeZone: zone });
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [now]);
  return <ClockContext.Provider value={clock}>{children}</ClockContext.Provider>;
}

export interface TimeProps {
  at: Date | string | null | undefined;
  /** Shown if there is no time. */
  absent?: ReactNode;
  className?: string;
}

/** "5 minutes ago", with the exact time on hover. */
export function RelativeTime({ at, absent = "never", className }: TimeProps) {
  const { now, timeZone } = useClock();
  if (at === null || at === undefined)
    return <span className={cn("text-ink-faint", className)}>{absent}</span>;
  const date = new Date(at);
  return (
    <time
      dateTime={date.toISOString()}
      title={formatDateTime(date, timeZone)}
      className={cn("whitespace-nowrap", className)}
    >
      {formatRelative(date, now)}
    </time>
  );
}

/** "23 Nov 2026, 05:26" in the reader's zone, with seconds and zone on hover. */
export const ExactTime = (props: TimeProps) => (
  <WrittenTime {...props} write={(date, timeZone) => formatDateTime(date, timeZone, { short: true })} />
);

/** "23 Nov 2026" in the reader's zone, with the exact time on hover. */
export const ExactDay = (props: TimeProps) => <WrittenTime {...props} write={formatDay} />;

function WrittenTime({
  at,
  absent = "–",
  className,
  write,
}: TimeProps & { write: (date: Date, timeZone: string) => string }) {
  const { timeZone } = useClock();
  if (at === null || at === undefined)
    return <span className={cn("text-ink-faint", className)}>{absent}</span>;
  const date = new Date(at);
  return (
    <time
      dateTime={date.toISOString()}
      title={formatDateTime(date, timeZone)}
      className={cn("whitespace-nowrap", className)}
    >
      {write(date, timeZone)}
    </time>
  );
}
