export { createRunnerFetch } from "./fetch";
export { UnsupportedFunctionError } from "./functions";
export { createEmbeddedRunner, type EmbeddedRunner, type RunnerOptions, type RunnerStats } from "./runner";
export type { IncomingEvent, RunnerEvent } from "./types";
