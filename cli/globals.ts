import type { Command } from "commander";

import type { GlobalOptions } from "./context";

/** The options that every command takes, wherever they stand on the line. */
export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();
