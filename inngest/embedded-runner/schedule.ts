import type { Db } from "@db/client";
import { lowerFiredAt, markFired, syncCrons } from "@db/queries/runner/crons";
import { enqueueRuns } from "@db/queries/runner/enqueue";

import type { CronTrigger } from "./crons";
import { SCHEDULED_TIMER } from "./functions";
import { planRun, type Catalogue } from "./plan";

interface Timer {
  trigger: CronTrigger;
  firedAt: Date;
  /** The first time since then; null if there is none. */
  next: Date | null;
}

const timerOf = (trigger: CronTrigger, firedAt: Date): Timer => ({
  trigger,
  firedAt,
  next: trigger.next(firedAt),
});

/** The leader's cron triggers. The database stores when each fired last. */
export class RunnerSchedule {
  private constructor(
    private readonly db: Db,
    private readonly catalogue: Catalogue,
    private readonly token: string,
    private timers: Timer[],
  ) {}

  /** Reads when each trigger fired last. A new one counts as fired now. */
  static async load(db: Db, catalogue: Catalogue, token: string, now: Date): Promise<RunnerSchedule> {
    const triggers = [...catalogue.specs.values()].flatMap((spec) => spec.crons);
    const names = triggers.map((trigger) => ({
      function_id: trigger.functionId,
      expression: trigger.expression,
    }));
    const rows = await syncCrons(db, names, now);
    const timers = triggers.map((trigger) => {
      const row = rows.find(
        (r) => r.function_id === trigger.functionId && r.expression === trigger.expression,
      )!;
      return timerOf(trigger, new Date(row.fired_at));
    });
    return new RunnerSchedule(db, catalogue, token, timers);
  }

  /** The latest time at which a trigger fired, which the clock had reached. Undefined without triggers. */
  get lastFiredAt(): Date | undefined {
    const instants = this.timers.map(({ firedAt }) => firedAt.getTime());
    return instants.length === 0 ? undefined : new Date(Math.max(...instants));
  }

  /**
   * Call when the clock was set back to `now`: later firings count as fired now; otherwise their triggers would not
   * fire until the clock catches up.
   * @throws LeaseLostError
   */
  async putBack(now: Date): Promise<void> {
    await lowerFiredAt(this.db, this.token, now);
    this.timers = this.timers.map(({ trigger, firedAt }) => timerOf(trigger, firedAt > now ? now : firedAt));
  }

  /**
   * Starts the due functions, each once, however many of its times have passed. Returns how many.
   * @throws LeaseLostError
   */
  async fire(now: Date): Promise<number> {
    const due = this.timers.filter(({ next }) => next !== null && next <= now);
    for (const timer of due) {
      await this.start(timer, now);
      Object.assign(timer, timerOf(timer.trigger, now));
    }
    return due.length;
  }

  private start({ trigger }: Timer, now: Date): Promise<unknown> {
    const { functionId, expression } = trigger;
    return this.db.transaction(async (tx) => {
      await markFired(tx, this.token, { functionId, expression }, now);
      const event = {
        id: `${functionId} ${expression} ${now.toISOString()}`,
        name: SCHEDULED_TIMER,
        data: { cron: expression },
        ts: now.getTime(),
      };
      await enqueueRuns(tx, [planRun(this.catalogue.specs.get(functionId)!, event, now)], now);
    });
  }
}
