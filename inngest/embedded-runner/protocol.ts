import { isDone, type RunnerRun, type Step } from "@db/queries/runner/runs";

import { retryAfter } from "./durations";
import type { Handler, StoredError } from "./types";

/** An operation that the SDK requests in the middle of a function. */
export interface Op {
  op: string;
  id: string;
  name?: string;
  displayName?: string;
  opts?: Record<string, unknown>;
  data?: unknown;
  error?: unknown;
}

export type Reply =
  | { kind: "ops"; ops: Op[]; mayRetry: boolean; retryAt: Date | undefined }
  | { kind: "returned"; data: unknown }
  | { kind: "threw"; error: StoredError; mayRetry: boolean; retryAt: Date | undefined };

/** What to execute: the function up to its next operations, or one planned step. */
export interface Call {
  run: RunnerRun;
  step?: Step;
  maxAttempts: number;
  now: () => Date;
}

/** Sends one request of the protocol (docs/SDK_SPEC.md of inngest/inngest, 4.4) through the SDK's handler. Never throws. */
export async function callFunction(handler: Handler, call: Call): Promise<Reply> {
  try {
    const response = await handler(toRequest(call));
    return await toReply(response, call.now());
  } catch (error) {
    return { kind: "threw", error: toStoredError(error), mayRetry: true, retryAt: undefined };
  }
}

function toRequest({ run, step, maxAttempts }: Call): Request {
  const finishedSteps = [...run.steps.values()].filter(isDone);
  const url = new URL("http://embedded.local/api/inngest");
  url.searchParams.set("fnId", run.functionId);
  url.searchParams.set("stepId", step?.id ?? "step");
  const body = {
    version: -1,
    event: run.event,
    events: [run.event],
    steps: Object.fromEntries(
      finishedSteps.map((done) => [
        done.id,
        done.state === "done" ? { type: "data", data: done.result } : { type: "error", error: done.result },
      ]),
    ),
    use_api: false,
    // Without `fn_id` and `qi_id`; with them the SDK would report steps without the runner ("checkpointing").
    ctx: {
      run_id: run.id,
      attempt: step?.attempt ?? run.attempt,
      max_attempts: maxAttempts,
      disable_immediate_execution: step !== undefined,
      use_api: false,
      stack: { stack: finishedSteps.map((done) => done.id), current: finishedSteps.length },
    },
  };
  // The SDK's adapters read the host from the header, not from the URL.
  const headers = { host: url.host, "content-type": "application/json", "x-inngest-server-kind": "dev" };
  return new Request(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function toReply(response: Response, now: Date): Promise<Reply> {
  const text = await response.text();
  const mayRetry = response.headers.get("x-inngest-no-retry") !== "true";
  const retryAt = retryAfter(response.headers.get("retry-after"), now);
  const body = parseJson(text);
  if (response.status === 206 && Array.isArray(body))
    return { kind: "ops", ops: body as Op[], mayRetry, retryAt };
  if (response.status === 200 && body !== undefined) return { kind: "returned", data: body };
  const error = toStoredError(body ?? `Answer ${response.status}: ${text.slice(0, 500)}`);
  return { kind: "threw", error, mayRetry, retryAt };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Any thrown or reported value as an error that can be stored. */
export function toStoredError(value: unknown): StoredError {
  if (typeof value !== "object" || value === null) return { name: "Error", message: String(value) };
  const { name, message, error, stack, ...more } = value as Record<string, unknown>;
  return {
    ...(value instanceof Error ? {} : more),
    name: typeof name === "string" && name !== "" ? name : "Error",
    message: String(message ?? error ?? "Unknown error"),
    ...(typeof stack === "string" ? { stack } : {}),
  };
}
