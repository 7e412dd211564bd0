/** Level limits requests per account; a fixed window of one minute approximates it. */
export class Budget {
  private readonly windows = new Map<number, { endsAt: number; spent: number }>();

  /** Null for no limit. */
  constructor(private readonly perMinute: number | null) {}

  reset(): void {
    this.windows.clear();
  }

  /** Seconds that an account has to wait, or 0 if there was room. */
  spend(account: number): number {
    if (this.perMinute === null) return 0;
    const now = Date.now();
    let window = this.windows.get(account);
    if (window === undefined || now >= window.endsAt) {
      window = { endsAt: now + 60_000, spent: 0 };
      this.windows.set(account, window);
    }
    if (window.spent >= this.perMinute) return Math.ceil((window.endsAt - now) / 1000);
    window.spent += 1;
    return 0;
  }
}
