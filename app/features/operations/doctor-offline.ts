import { checkLevelTime, checkMail, type DiagnoseOptions, type Finding } from "./doctor";

/** The answer of a server at `/readyz`. */
export interface ServerReadiness {
  checks: { database: string; migrations: string; runner: string };
}

export interface OutsideOptions extends Pick<DiagnoseOptions, "levelTime" | "mailer"> {
  /** The process that has the embedded database open. */
  holderPid: number;
  port: number;
  /** The server's answer; null if nothing answers, or another server does. */
  readiness(): Promise<ServerReadiness | null>;
}

/**
 * The checks that need no database, because another process has it open: that process's answer, and everything
 * external.
 */
export async function diagnoseFromOutside(options: OutsideOptions): Promise<Finding[]> {
  const { holderPid, port } = options;
  const readiness = await options.readiness();
  const outside = [await checkLevelTime(options), await checkMail(options.mailer)];
  if (readiness === null) {
    return [
      {
        check: "database",
        state: "problem",
        message: `process ${holderPid} has the embedded database open, and no server answers on port ${port}.`,
        hint: "Set PORT as the server has it; or end that process, and run this again.",
      },
      ...outside,
    ];
  }
  const { database, migrations, runner } = readiness.checks;
  const asked = (
    check: Finding["check"],
    isWell: boolean,
    well: string,
    ill: string,
    hint: string,
  ): Finding =>
    isWell
      ? { check, state: "ok", message: `the running server says: ${well}` }
      : { check, state: "problem", message: `the running server says: ${ill}`, hint };
  return [
    asked(
      "database",
      database === "ok" && migrations === "ok",
      "it answers, migrated",
      `database ${database}, migrations ${migrations}`,
      "Restart the server, and look at its log.",
    ),
    asked(
      "runner",
      runner === "ok",
      "syncs are executed",
      "no process executes syncs",
      "Restart the server, and look at its log; with an Inngest server, see that it runs.",
    ),
    ...(["secrets", "schedules", "level"] as const).map((check): Finding => ({
      check,
      state: "warning",
      message: "not checked: the running server has the embedded database open.",
      hint: "The connections' pages show it; or stop the server, and run this again.",
    })),
    ...outside,
  ];
}
