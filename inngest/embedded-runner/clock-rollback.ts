/** Milliseconds that count as a clock adjustment; whatever waits, waits that much longer. */
const TRIM_MS = 1_000;

/** Detects that the machine's clock was set back. A jump ahead needs no action: what waits is due sooner. */
export class ClockWatch {
  private latestMs: number;

  /** @param latest the latest that the clock is known to have shown, also before the process started */
  constructor(latest: Date) {
    this.latestMs = latest.getTime();
  }

  /** How many milliseconds the clock was set back since the last call; 0 if it was not. */
  putBackMs(now: Date): number {
    const backMs = this.latestMs - now.getTime();
    if (backMs > 0 && backMs <= TRIM_MS) return 0;
    this.latestMs = now.getTime();
    return Math.max(0, backMs);
  }
}
