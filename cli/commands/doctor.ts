import type { Command } from "commander";

import { diagnose, type Finding } from "~/sync/diagnose";

import { withApp } from "../context";
import { write, writeJson } from "../output";
import { globals } from "../program";

const marks: Record<Finding["state"], string> = { ok: "ok  ", warning: "warn", problem: "FAIL" };

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("check database, secrets, runner, Level and clock, and say what to do")
    .action(async (_options: object, command: Command) => {
      const { json } = globals(command);
      await withApp(async (app) => {
        const findings = await diagnose(app.sync, {
          databaseKind: app.connection.kind,
          runner: app.config.inngest.mode,
          runnerAlive: () => app.jobs.isAlive(),
        });
        if (json) writeJson(findings);
        else for (const finding of findings) write(describe(finding));
        if (findings.some((finding) => finding.state === "problem")) process.exitCode = 1;
      });
    });
}

const describe = ({ state, check, message, hint }: Finding): string =>
  `${marks[state]}  ${check.padEnd(10)} ${message}${hint === undefined ? "" : `\n${" ".repeat(17)}${hint}`}`;
