interface Waiting {
  sinceMs: number;
  extraMs: number;
  timer?: NodeJS.Timeout;
  go(): void;
}

/** Delays answers. A change applies to those that wait, too: they end as if it had been set before. */
export class Latency {
  private readonly waiting = new Set<Waiting>();

  constructor(private ms: number) {}

  set(ms: number): void {
    this.ms = ms;
    for (const each of this.waiting) {
      clearTimeout(each.timer);
      this.schedule(each);
    }
  }

  /** Calls `go` after the latency and `extraMs` more; at once if both are 0. */
  delay(extraMs: number, go: () => void): void {
    if (this.ms + extraMs <= 0) return go();
    const waiting: Waiting = {
      sinceMs: performance.now(),
      extraMs,
      go: () => {
        this.waiting.delete(waiting);
        go();
      },
    };
    this.waiting.add(waiting);
    this.schedule(waiting);
  }

  private schedule(each: Waiting): void {
    const leftMs = each.sinceMs + this.ms + each.extraMs - performance.now();
    each.timer = setTimeout(each.go, Math.max(0, leftMs));
  }
}
