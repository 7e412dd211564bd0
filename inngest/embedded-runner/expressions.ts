import { Environment } from "@marcbachmann/cel-js";

import type { RunnerEvent } from "@db/queries/runner/run-plan";

/** Yields a key for an event, such as a concurrency key. */
export type KeyOf = (event: RunnerEvent) => string;
/** Decides about an event; `async` is the one that arrives later, in `cancelOn`. */
export type Condition = (event: RunnerEvent, async?: RunnerEvent) => boolean;

const aboutOne = new Environment().registerVariable("event", "map");
const aboutTwo = aboutOne.clone().registerVariable("async", "map");

/**
 * Compiles a CEL expression to a key. An event without the field has the empty key, as on an Inngest server.
 * @throws when the expression is not valid
 */
export function compileKey(expression: string): KeyOf {
  const evaluate = compile(aboutOne, expression);
  return (event) => {
    const value = evaluate({ event });
    if (value === undefined || value === null) return "";
    const text = typeof value === "string" ? value : JSON.stringify(value, plainNumbers);
    // Postgres' text holds no NUL.
    return text.replaceAll("\0", "");
  };
}

/**
 * Compiles a CEL expression to a condition. One that cannot be evaluated for an event is false for it.
 * @throws when the expression is not valid
 */
export function compileCondition(expression: string, variables: "event" | "event and async"): Condition {
  const evaluate = compile(variables === "event" ? aboutOne : aboutTwo, expression);
  return (event, async) => evaluate({ event, async }) === true;
}

function compile(environment: Environment, expression: string): (context: object) => unknown {
  const parsed = environment.parse(expression);
  const check = parsed.check();
  if (!check.valid) throw check.error ?? new Error("not a valid expression");
  return (context) => {
    try {
      return parsed(context as Record<string, unknown>);
    } catch {
      return undefined;
    }
  };
}

const plainNumbers = (_: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
