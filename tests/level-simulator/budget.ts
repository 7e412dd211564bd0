/** Level's limit is per account; a fixed window of a minute is close enough. */
export class Budget {
  private windowEnds = 0;
  private spent = 0;

  /** Null for no limit. */
  constructor(private readonly perMinute: number | null) {}

  reset(): void {
    this.windowEnds = 0;
  }

  /** Seconds to wait, or 0 when there was room. */
  spend(): number {
    if (this.perMinute === null) return 0;
    const now = Date.now();
    if (now >= this.windowEnds) {
      this.windowEnds = now + 60_000;
      this.spent = 0;
    }
    if (this.spent >= this.perMinute) return Math.ceil((this.windowEnds - now) / 1000);
    this.spent += 1;
    return 0;
  }
}
