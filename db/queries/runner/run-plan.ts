/** An event as functions receive it. */
export interface RunnerEvent {
  id: string;
  name: string;
  data: Record<string, unknown>;
  /** Milliseconds since 1970. */
  ts: number;
  [more: string]: unknown;
}

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
