/** One unit of a limit. */
export interface Need {
  key: string;
  limit: number;
}

/** Counts what is in use per key. Callers without room wait and enter in order. */
export class Slots {
  private readonly used = new Map<string, { count: number; limit: number }>();
  private waiting: { needs: readonly Need[]; enter: (release: () => void) => void }[] = [];

  /** Waits for room under every key. Returns the release, to be called once. */
  acquire(needs: readonly Need[]): Promise<() => void> {
    const release = this.tryAcquire(needs);
    if (release !== undefined) return Promise.resolve(release);
    return new Promise((enter) => this.waiting.push({ needs, enter }));
  }

  /** Takes room under every key, or nothing. */
  tryAcquire(needs: readonly Need[]): (() => void) | undefined {
    if (needs.some(({ key, limit }) => (this.used.get(key)?.count ?? 0) >= limit)) return undefined;
    for (const { key, limit } of needs) {
      this.used.set(key, { count: (this.used.get(key)?.count ?? 0) + 1, limit });
    }
    return () => this.release(needs);
  }

  /** The keys without room. */
  saturated(): string[] {
    return [...this.used].filter(([, { count, limit }]) => count >= limit).map(([key]) => key);
  }

  private release(needs: readonly Need[]): void {
    for (const { key } of needs) {
      const slot = this.used.get(key)!;
      slot.count -= 1;
      if (slot.count === 0) this.used.delete(key);
    }
    this.waiting = this.waiting.filter(({ needs: wanted, enter }) => {
      const release = this.tryAcquire(wanted);
      if (release !== undefined) enter(release);
      return release === undefined;
    });
  }
}
