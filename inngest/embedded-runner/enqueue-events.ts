import type { Db } from "@db/client";
import { endRuns } from "@db/queries/runner/end-runs";
import { enqueueRuns, firstSeenEvents, listActiveOf } from "@db/queries/runner/enqueue";
import type { RunnerEvent } from "@db/queries/runner/run-plan";

import type { FunctionSpec } from "./functions";
import { planEvents, type Catalogue } from "./plan";

/**
 * Cancels and starts the runs and debounces that events cause, with a constant number of statements. Call it in a
 * transaction, so that an event takes effect completely or not at all.
 */
export async function enqueueEvents(
  tx: Db,
  catalogue: Catalogue,
  events: readonly RunnerEvent[],
  now: Date,
): Promise<void> {
  const relevant = events.filter((event) => catalogue.eventNames.has(event.name));
  if (relevant.length === 0) return;
  const fresh = await firstSeenEvents(
    tx,
    relevant.map(({ id }) => id),
    now,
  );
  // Of two events with one id in a call, only the first counts.
  const accepted = relevant.filter((event) => fresh.delete(event.id));
  await cancelByEvents(tx, catalogue, accepted, now);
  await enqueueRuns(tx, planEvents(catalogue, accepted, now), now);
}

const cancelledError = { name: "Error", message: "The run was cancelled by an event." };

/** Cancels the active runs that `cancelOn` of their function names for one of the events. */
async function cancelByEvents(
  tx: Db,
  catalogue: Catalogue,
  events: readonly RunnerEvent[],
  now: Date,
): Promise<void> {
  const names = new Set(events.map((event) => event.name));
  const specs = [...catalogue.specs.values()].filter((spec) =>
    spec.cancelOn.some((rule) => names.has(rule.event)),
  );
  if (specs.length === 0) return;
  const active = await listActiveOf(
    tx,
    specs.map(({ id }) => id),
  );
  const ids = active
    .filter((run) => {
      const started = JSON.parse(run.event) as RunnerEvent;
      const age = now.getTime() - new Date(run.created_at).getTime();
      return events.some((event) =>
        isCancelledBy(catalogue.specs.get(run.function_id)!, started, event, age),
      );
    })
    .map((run) => run.id);
  await endRuns(tx, { ids, status: "cancelled", result: cancelledError, now });
}

function isCancelledBy(spec: FunctionSpec, started: RunnerEvent, event: RunnerEvent, ageMs: number): boolean {
  return spec.cancelOn.some(
    (rule) => rule.event === event.name && ageMs <= rule.withinMs && rule.if(started, event),
  );
}
