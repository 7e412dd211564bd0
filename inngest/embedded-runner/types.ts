/** An event as it is sent: the runner adds what is missing. */
export interface IncomingEvent {
  name: string;
  id?: string | undefined;
  data?: Record<string, unknown> | undefined;
  ts?: number | undefined;
  [more: string]: unknown;
}

/** An error as the SDK writes and reads it. */
export interface StoredError {
  name: string;
  message: string;
  stack?: string;
}

/** Answers a request as the SDK's `serve()` does. */
export type Handler = (request: Request) => Promise<Response>;

export interface RunnerLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
