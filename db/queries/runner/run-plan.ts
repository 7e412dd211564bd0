/** An event as functions receive it. */
export interface RunnerEvent {
  id: string;
  name: string;
  data: Record<string, unknown>;
  /** In milliseconds since 1970. */
  ts: number;
  [more: string]: unknown;
}

/** A run that an event, a cron trigger or an invocation requests. */
export interface RunPlan {
  id: string;
  functionId: string;
  event: RunnerEvent;
  dueAt: Date;
  expiresAt: Date | null;
  concurrencyKeys: string[];
  singletonKey: string | null;
  /** Whether it replaces the active run with its singleton key; otherwise it is skipped if there is one. */
  replaces: boolean;
  debounceKey: string | null;
  debounceUntil: Date | null;
  idempotencyKey: string | null;
  parent: { runId: string; stepId: string } | null;
}
