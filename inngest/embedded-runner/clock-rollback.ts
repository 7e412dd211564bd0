/** So little is a clock being trimmed: whatever waits, waits that much longer. */
const TRIM_MS = 1_000;

/** Notices when the machine's clock is put back. A clock that jumps ahead needs nobody: what waits is due sooner. */
export class ClockWatch {
  private latestMs: number;

  /** @param latest the latest that the clock is known to have shown, also before the process started */
  constructor(latest: Date) {
    this.latestMs = latest.getTime();
  }

  /** How far the clock has been put back since it was looked at last; 0 where it was not. */
  putBackMs(now: Date): number {
    const backMs = this.latestMs - now.getTime();
    if (backMs > 0 && backMs <= TRIM_MS) return 0;
    this.latestMs = now.getTime();
    return Math.max(0, backMs);
  }
}
