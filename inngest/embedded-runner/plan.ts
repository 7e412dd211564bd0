import { v7 as uuidv7 } from "uuid";

import { FUNCTION_INVOKED, type FunctionSpec } from "./functions";
import type { RunnerEvent } from "./types";

/** A run that an event, a cron or an invocation asks for. */
export interface RunPlan {
  id: string;
  functionId: string;
  event: RunnerEvent;
  dueAt: Date;
  expiresAt: Date | null;
  concurrencyKeys: string[];
  singletonKey: string | null;
  /** Takes the place of the active run with its singleton key instead of being skipped. */
  replaces: boolean;
  debounceKey: string | null;
  debounceUntil: Date | null;
  idempotencyKey: string | null;
  parent: { runId: string; stepId: string } | null;
}

/** All functions, indexed by what starts and cancels their runs. */
export interface Catalogue {
  specs: ReadonlyMap<string, FunctionSpec>;
  /** Names of events that start or cancel anything; every other event has no effect. */
  eventNames: ReadonlySet<string>;
}

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
