import type { Command } from "commander";

import { DataDirInUseError } from "@db/embedded/lock";
import { createMailer } from "~/features/notifications/mailer";
import { diagnose, type Finding } from "~/features/operations/doctor";
import { diagnoseFromOutside, type ServerReadiness } from "~/features/operations/doctor-offline";
import { loadConfig } from "~/platform/env.server";
import { proxiedFetch } from "~/platform/outgoing/proxied-fetch";

import { findTenant, withApp } from "../context";
import { globals } from "../globals";
import { write, writeJson } from "../output";

const marks: Record<Finding["state"], string> = { ok: "ok  ", warning: "warn", problem: "FAIL" };

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description(
      "check database, secrets, runner, schedules, Level, clock and mail server, and say what to do",
    )
    .action(async (_options: object, command: Command) => {
      const { json, ...which } = globals(command);
      const findings = await examine(which).catch((error: unknown) => {
        if (error instanceof DataDirInUseError) return examineFromOutside(error.holderPid);
        throw error;
      });
      if (json) writeJson(findings);
      else for (const finding of findings) write(describe(finding));
      if (findings.some((finding) => finding.state === "problem")) process.exitCode = 1;
    });
}

const examine = (which: { tenant?: string }): Promise<Finding[]> =>
  withApp(async (app) => {
    // The check covers the whole installation, but an unknown tenant name is still an error.
    if (which.tenant !== undefined) await findTenant(app, which);
    return diagnose(app.sync, {
      warnings: app.config.warnings,
      databaseKind: app.connection.kind,
      runner: app.config.inngest.mode,
      isAlive: () => app.jobs.isAlive(),
      levelTime: async () => dateOf(await ask(app.config.levelApiBaseUrl)),
      mailer: app.notify.mailer,
    });
  });

/** Only one process can open the embedded database, so this asks the running server instead. */
async function examineFromOutside(holderPid: number): Promise<Finding[]> {
  const { port, levelApiBaseUrl, mail } = loadConfig(process.env);
  return diagnoseFromOutside({
    holderPid,
    port,
    readiness: () => readinessOf(`http://127.0.0.1:${port}/readyz`),
    levelTime: async () => dateOf(await ask(levelApiBaseUrl)),
    mailer: mail === undefined ? null : createMailer(mail),
  });
}

async function readinessOf(address: string): Promise<ServerReadiness | null> {
  try {
    const response = await fetch(address, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const said = (await response.json()) as Partial<ServerReadiness>;
    return said.checks === undefined ? null : { checks: said.checks };
  } catch {
    return null;
  }
}

const TIMEOUT_MS = 5_000;

/** The response of an address, whatever its status; null if nothing answers. */
async function ask(address: string): Promise<Response | null> {
  try {
    const response = await proxiedFetch(address, {
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response;
  } catch {
    return null;
  }
}

function dateOf(response: Response | null): Date | null {
  const at = new Date(response?.headers.get("Date") ?? "");
  return Number.isNaN(at.getTime()) ? null : at;
}

const describe = ({ state, check, message, hint }: Finding): string =>
  `${marks[state]}  ${check.padEnd(10)} ${message}${hint === undefined ? "" : `\n${" ".repeat(17)}${hint}`}`;
