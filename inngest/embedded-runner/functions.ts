import type { InngestFunction } from "inngest";
import * as z from "zod";

import { parseCron, type CronTrigger } from "./crons";
import { durationMs } from "./durations";
import { compileCondition, compileKey, type Condition, type KeyOf } from "./expressions";
import type { Handler } from "./types";

/** A function as the runner executes it. */
export interface FunctionSpec {
  id: string;
  maxAttempts: number;
  triggers: { event: string; if: Condition }[];
  crons: CronTrigger[];
  concurrency: { limit: number; key: KeyOf }[];
  singleton?: { key: KeyOf; mode: "skip" | "cancel" };
  debounce?: { key: KeyOf; periodMs: number; timeoutMs: number };
  cancelOn: { event: string; if: Condition; withinMs: number }[];
  idempotency?: KeyOf;
  startTimeoutMs?: number;
  finishTimeoutMs?: number;
}

/** A function asks for what the embedded runner does not do; running it anyway would do something else. */
export class UnsupportedFunctionError extends Error {
  override readonly name = "UnsupportedFunctionError";
  constructor(
    readonly functionId: string,
    readonly option: string,
    reason = "is not supported by the embedded runner",
  ) {
    super(`Function "${functionId}": option "${option}" ${reason}.`);
  }
}

/** Options of `createFunction` that are honoured here or concern the SDK alone. Any other is refused. */
const knownOptions = new Set(
  (
    "id name description triggers retries concurrency singleton debounce cancelOn idempotency timeouts " +
    "onFailure middleware checkpointing"
  ).split(" "),
);

/** Retries of a function that says nothing: what an Inngest server grants. */
const DEFAULT_RETRIES = 4;

const concurrencyOption = z.strictObject({
  limit: z.number(),
  key: z.string().optional(),
  scope: z.literal("fn").optional(),
});

/** The SDK's registration of one function, as far as it is supported. */
const registration = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  triggers: z.array(
    z.union([
      z.strictObject({ event: z.string(), expression: z.string().optional() }),
      z.strictObject({ cron: z.string() }),
    ]),
  ),
  steps: z.object({
    step: z.object({ retries: z.object({ attempts: z.number().optional() }).optional() }),
  }),
  concurrency: z.union([z.number(), concurrencyOption, z.array(concurrencyOption)]).optional(),
  singleton: z.strictObject({ key: z.string().optional(), mode: z.enum(["skip", "cancel"]) }).optional(),
  debounce: z
    .strictObject({ key: z.string().optional(), period: z.string(), timeout: z.string().optional() })
    .optional(),
  cancel: z
    .array(z.strictObject({ event: z.string(), if: z.string().optional(), timeout: z.string().optional() }))
    .optional(),
  idempotency: z.string().optional(),
  timeouts: z.strictObject({ start: z.string().optional(), finish: z.string().optional() }).optional(),
});
type Registration = z.infer<typeof registration>;

const registrations = z.object({ functions: z.array(z.looseObject({ id: z.string() })) });

/**
 * Asks the SDK what it serves, by the protocol's in-band sync, and checks that all of it can be honoured.
 * @throws UnsupportedFunctionError naming the first function and option that cannot
 */
export async function readFunctions(
  handler: Handler,
  functions: readonly InngestFunction.Any[],
  appId: string,
): Promise<FunctionSpec[]> {
  for (const fn of functions) {
    const unknown = Object.entries(fn.opts as object).find(
      ([option, value]) => value !== undefined && !knownOptions.has(option),
    );
    if (unknown !== undefined) throw new UnsupportedFunctionError(fn.id(appId), unknown[0]);
  }
  const url = "http://embedded.local/api/inngest";
  const response = await handler(
    new Request(url, {
      method: "PUT",
      headers: {
        host: "embedded.local",
        "content-type": "application/json",
        "x-inngest-sync-kind": "in_band",
      },
      body: JSON.stringify({ url }),
    }),
  );
  const text = await response.text();
  if (!response.ok)
    throw new Error(`The functions could not be read (${response.status}): ${text.slice(0, 500)}`);
  return registrations.parse(JSON.parse(text)).functions.map(toSpec);
}

function toSpec(given: { id: string }): FunctionSpec {
  const parsed = registration.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    throw new UnsupportedFunctionError(given.id, [...issue.path, ...keys.slice(0, 1)].join("."));
  }
  const fn = parsed.data;
  const read = <T>(option: string, reader: () => T): T => {
    try {
      return reader();
    } catch (error) {
      throw new UnsupportedFunctionError(
        fn.id,
        option,
        `is not valid: ${(error as Error).message.split("\n")[0]}`,
      );
    }
  };
  const key = (option: string, expression: string | undefined): KeyOf =>
    expression === undefined ? () => "" : read(option, () => compileKey(expression));
  const ms = (option: string, text: string | undefined) =>
    text === undefined ? undefined : read(option, () => durationMs(text));

  if (fn.singleton !== undefined && fn.debounce !== undefined)
    throw new UnsupportedFunctionError(fn.id, "singleton", "is not supported together with debounce");
  return {
    id: fn.id,
    maxAttempts: (fn.steps.step.retries?.attempts ?? DEFAULT_RETRIES) + 1,
    triggers: eventTriggers(fn).map(({ event, expression }) => ({
      event,
      if:
        expression === undefined
          ? () => true
          : read(`triggers.${event}.if`, () => compileCondition(expression, "event")),
    })),
    crons: fn.triggers.flatMap((trigger) =>
      "cron" in trigger ? [read("triggers.cron", () => parseCron(fn.id, trigger.cron))] : [],
    ),
    concurrency: concurrencyOf(fn).map((option) => ({
      limit: option.limit,
      key: key("concurrency.key", option.key),
    })),
    ...(fn.singleton && {
      singleton: { mode: fn.singleton.mode, key: key("singleton.key", fn.singleton.key) },
    }),
    ...(fn.debounce && {
      debounce: {
        key: key("debounce.key", fn.debounce.key),
        periodMs: ms("debounce.period", fn.debounce.period)!,
        timeoutMs: ms("debounce.timeout", fn.debounce.timeout) ?? Infinity,
      },
    }),
    cancelOn: (fn.cancel ?? []).map((rule) => ({
      event: rule.event,
      if:
        rule.if === undefined
          ? () => true
          : read("cancelOn.if", () => compileCondition(rule.if!, "event and async")),
      withinMs: ms("cancelOn.timeout", rule.timeout) ?? Infinity,
    })),
    ...(fn.idempotency !== undefined && { idempotency: key("idempotency", fn.idempotency) }),
    ...(fn.timeouts?.start !== undefined && { startTimeoutMs: ms("timeouts.start", fn.timeouts.start)! }),
    ...(fn.timeouts?.finish !== undefined && { finishTimeoutMs: ms("timeouts.finish", fn.timeouts.finish)! }),
  };
}

/** Of the server's own events only a function's failure is published here; patterns of names are not matched. */
function eventTriggers(fn: Registration): { event: string; expression?: string | undefined }[] {
  return fn.triggers.flatMap((trigger) => {
    if (!("event" in trigger)) return [];
    const isInternal = trigger.event.startsWith("inngest/") && trigger.event !== FUNCTION_FAILED;
    if (isInternal || trigger.event.includes("*"))
      throw new UnsupportedFunctionError(fn.id, `triggers.${trigger.event}`);
    return [trigger];
  });
}

/** A limit of 0 means none. */
function concurrencyOf(fn: Registration): { limit: number; key?: string | undefined }[] {
  const { concurrency = [] } = fn;
  const options = typeof concurrency === "number" ? [{ limit: concurrency }] : [concurrency].flat();
  return options.filter((option) => option.limit > 0);
}

/** Published when a run has failed for good; the SDK's `onFailure` is a function that it triggers. */
export const FUNCTION_FAILED = "inngest/function.failed";
/** The trigger of a run that another run invoked. */
export const FUNCTION_INVOKED = "inngest/function.invoked";
/** The trigger of a run that a cron started. */
export const SCHEDULED_TIMER = "inngest/scheduled.timer";
