export { createRunnerFetch } from "./fetch";
export { UnsupportedFunctionError } from "./functions";
export { createEmbeddedRunner, type EmbeddedRunner, type RunnerOptions } from "./runner";
