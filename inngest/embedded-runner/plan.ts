import { v7 as uuidv7 } from "uuid";

import type { RunnerEvent, RunPlan } from "@db/queries/runner/run-plan";

import { FUNCTION_INVOKED, type FunctionSpec } from "./functions";

/** All functions, indexed by what starts and cancels their runs. */
export interface Catalogue {
  specs: ReadonlyMap<string, FunctionSpec>;
  /** Names of events that start or cancel anything; every other event has no effect. */
  eventNames: ReadonlySet<string>;
}

/** Indexes functions by the events that start and cancel their runs. */
export function createCatalogue(specs: readonly FunctionSpec[]): Catalogue {
  return {
    specs: new Map(specs.map((spec) => [spec.id, spec])),
    eventNames: new Set(
      specs.flatMap((spec) => [...spec.triggers, ...spec.cancelOn].map((source) => source.event)),
    ),
  };
}

/** The runs that events start, in the order of the events. A function starts once an event, however many triggers match. */
export function planEvents(catalogue: Catalogue, events: readonly RunnerEvent[], now: Date): RunPlan[] {
  return events.flatMap((event) =>
    [...catalogue.specs.values()]
      .filter((spec) => spec.triggers.some((trigger) => trigger.event === event.name && trigger.if(event)))
      .map((spec) => planRun(spec, event, now)),
  );
}

/** The run of an invocation: due at once, for a caller waits for it. */
export function planInvocation(
  spec: FunctionSpec,
  data: Record<string, unknown>,
  parent: { runId: string; stepId: string },
  now: Date,
): RunPlan {
  const event = { id: uuidv7(), name: FUNCTION_INVOKED, data, ts: now.getTime() };
  return { ...planRun(spec, event, now), dueAt: now, debounceKey: null, debounceUntil: null, parent };
}

/** A run of a function for one event. */
export function planRun(spec: FunctionSpec, event: RunnerEvent, now: Date): RunPlan {
  const later = (ms: number) => new Date(now.getTime() + ms);
  const { debounce, singleton } = spec;
  return {
    id: uuidv7(),
    functionId: spec.id,
    event,
    dueAt: debounce === undefined ? now : later(debounce.periodMs),
    expiresAt:
      debounce !== undefined || spec.startTimeoutMs === undefined ? null : later(spec.startTimeoutMs),
    concurrencyKeys: spec.concurrency.map((option, i) => `${spec.id} ${i} ${option.key(event)}`),
    singletonKey: singleton?.key(event) ?? null,
    replaces: singleton?.mode === "cancel",
    debounceKey: debounce?.key(event) ?? null,
    debounceUntil:
      debounce === undefined || debounce.timeoutMs === Infinity ? null : later(debounce.timeoutMs),
    idempotencyKey: spec.idempotency?.(event) ?? null,
    parent: null,
  };
}
