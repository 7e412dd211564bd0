import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";

import type { CronTrigger } from "./crons";
import { holding } from "./end-runs";
import { enqueueRuns } from "./enqueue";
import { SCHEDULED_TIMER } from "./functions";
import { LeaseLostError } from "./lease";
import { planRun, type Catalogue } from "./plan";

interface Timer {
  trigger: CronTrigger;
  firedAt: Date;
  /** The first instant since then; null when there is none. */
  next: Date | null;
}

const timerOf = (trigger: CronTrigger, firedAt: Date): Timer => ({
  trigger,
  firedAt,
  next: trigger.next(firedAt),
});

/** The cron triggers of the holder. Each remembers in the database when it last fired. */
export class RunnerSchedule {
  private constructor(
    private readonly db: Db,
    private readonly catalogue: Catalogue,
    private readonly token: string,
    private timers: Timer[],
  ) {}

  /** Reads when each trigger fired last. One that is new counts as fired now: it starts with its next instant. */
  static async load(db: Db, catalogue: Catalogue, token: string, now: Date): Promise<RunnerSchedule> {
    const triggers = [...catalogue.specs.values()].flatMap((spec) => spec.crons);
    const names = triggers.map((trigger) => ({
      function_id: trigger.functionId,
      expression: trigger.expression,
    }));
    const rows = await queryRows<{ function_id: string; expression: string; fired_at: string | Date }>(
      db,
      sql`
        with mine as (
          select function_id, expression from jsonb_to_recordset(${JSON.stringify(names)}::text::jsonb)
            as m(function_id text, expression text)
        ),
        gone as (
          delete from runner.crons c
          where not exists (select from mine m where m.function_id = c.function_id and m.expression = c.expression)
        )
        insert into runner.crons as c (function_id, expression, fired_at)
        select distinct function_id, expression, ${now.toISOString()}::timestamptz from mine
        on conflict (function_id, expression) do update set fired_at = c.fired_at
        returning function_id, expression, fired_at`,
    );
    const timers = triggers.map((trigger) => {
      const row = rows.find(
        (r) => r.function_id === trigger.functionId && r.expression === trigger.expression,
      )!;
      return timerOf(trigger, new Date(row.fired_at));
    });
    return new RunnerSchedule(db, catalogue, token, timers);
  }

  /** The latest instant at which a trigger fired: so far the clock had come. Undefined without triggers. */
  get lastFiredAt(): Date | undefined {
    const instants = this.timers.map(({ firedAt }) => firedAt.getTime());
    return instants.length === 0 ? undefined : new Date(Math.max(...instants));
  }

  /**
   * The clock has been put back to `now`: what fired later than that, by the former clock, counts as fired now, or it
   * would not fire again until the clock has caught up with itself.
   * @throws LeaseLostError
   */
  async putBack(now: Date): Promise<void> {
    const [answer] = await queryRows<{ held: boolean }>(
      this.db,
      sql`
        with held as materialized (${holding(this.token)}),
        lowered as (
          update runner.crons set fired_at = ${now.toISOString()}::timestamptz
          where fired_at > ${now.toISOString()}::timestamptz and exists (select from held)
        )
        select exists (select from held) as held`,
    );
    if (!answer!.held) throw new LeaseLostError();
    this.timers = this.timers.map(({ trigger, firedAt }) => timerOf(trigger, firedAt > now ? now : firedAt));
  }

  /**
   * Starts the functions whose time has come, each once, however many of its instants have passed. Returns how many.
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
      const rows = await queryRows(
        tx,
        sql`
          with held as materialized (${holding(this.token)})
          update runner.crons set fired_at = ${now.toISOString()}::timestamptz
          where function_id = ${functionId} and expression = ${expression} and exists (select from held)
          returning 1`,
      );
      if (rows.length === 0) throw new LeaseLostError();
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
