import { Inngest } from "inngest";

import type { RunnerLog } from "./embedded-runner/types";

/** The app's id at the Inngest server: part of every function's id there. Never rename. */
export const APP_ID = "plumbline";

/** The URL of the embedded runner's client. Never contacted: its `fetch` is the runner's. */
const EMBEDDED_BASE_URL = "http://embedded.local";

export interface ClientOptions {
  /** The SDK's log; its own logger writes plain text to the console. */
  logger: RunnerLog;
  /** For the embedded runner: receives what the client would send over the network. */
  embeddedFetch?: typeof fetch;
}

/** The client that sends events and serves functions: of the embedded runner, or of the server the environment names. */
export function createInngestClient({ logger, embeddedFetch }: ClientOptions): Inngest {
  // With checkpointing the SDK would report steps without the embedded runner.
  const shared = { id: APP_ID, checkpointing: false, logger } as const;
  if (embeddedFetch === undefined) return new Inngest(shared);
  return new Inngest({
    ...shared,
    isDev: true,
    baseUrl: EMBEDDED_BASE_URL,
    eventKey: "embedded",
    fetch: embeddedFetch,
  });
}
