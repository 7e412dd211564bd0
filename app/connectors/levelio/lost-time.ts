/** The time that calls lose to rate limits together: each moment counts once, even if several waits overlap. */
export class LostTime {
  private waits = 0;
  private untilMs = 0;

  /** Adds a wait that begins. Returns by how many milliseconds it lengthens the lost time. */
  begin(nowMs: number, waitMs: number): number {
    const countedUntilMs = this.waits > 0 ? Math.max(nowMs, this.untilMs) : nowMs;
    const added = Math.max(0, nowMs + waitMs - countedUntilMs);
    this.untilMs = countedUntilMs + added;
    this.waits += 1;
    return added;
  }

  end(): void {
    this.waits -= 1;
  }
}
