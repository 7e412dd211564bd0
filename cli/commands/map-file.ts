import { readFileSync, writeFileSync } from "node:fs";

import { Option, type Command } from "commander";

import type { RuleComparison } from "@domain/compare-rules";
import type { CodedChange } from "@domain/mapping-code";
import { isChanged, type PlannedRule } from "~/features/mapping/mapping-code.server";
import {
  inFile,
  mappingFormats,
  readMappingFile,
  writeMappingFile,
  type FileProblem,
  type MappingFormat,
  type ReadMappingFile,
} from "~/features/mapping/mapping-file.server";
import { decodeText } from "~/platform/http/csv.server";

import { CliError } from "../context";
import { globals } from "../globals";
import { withMappingStore } from "../mapping-store";
import { countOf, write, writeJson } from "../output";
import { remote } from "../remote";

interface FileOptions {
  file?: string;
  format?: MappingFormat;
}

/** Exit code of a check that found a difference; 1 means an error. */
const DIFFERS = 2;

/** `map export`, `plan` and `apply`: the mapping as a file, groups by path and clients by name. */
export function addMapFileCommands(map: Command): void {
  withFile(remote(map.command("export")), "write to this file instead of standard output")
    .description("the mapping of every group as JSON or CSV")
    .action(async (options: FileOptions, command: Command) => {
      await withMappingStore(globals(command), connectionOf(command), async (store) => {
        const { groups, rules } = await store.read();
        const text = writeMappingFile({ groups, rules }, formatOf(options));
        if (options.file === undefined) return void process.stdout.write(text);
        writeFileSync(options.file, text);
        const andRules = rules.length === 0 ? "" : ` and ${countOf(rules.length, "rule")}`;
        write(`Wrote ${countOf(groups.length, "group")}${andRules} to ${options.file}.`, process.stderr);
      });
    });

  withFile(remote(map.command("plan")), "the file")
    .description("what a file would change, and what the next full sync would do then; writes nothing")
    .option("--check", "exit code 2 if the mapping is not as the file says")
    .action(async (options: FileOptions & { check?: boolean }, command: Command) => {
      const { json, ...rest } = globals(command);
      const { groups, rules, lineOf } = usable(readFile(options));
      await withMappingStore(rest, connectionOf(command), async (store) => {
        const plan = await store.plan({ groups, rules });
        switch (plan.state) {
          case "planned": {
            const { state: _, ...shown } = plan;
            if (json) writeJson(shown);
            else write(describePlan(plan));
            if (options.check === true && differs(plan)) process.exitCode = DIFFERS;
            return;
          }
          case "invalid":
            throw invalidFile(inFile(plan.problems, lineOf));
          default:
            throw refusalOf(plan.state);
        }
      });
    });

  withFile(remote(map.command("apply")), "the file")
    .description("make the mapping what a file says, all of it or nothing; the next full sync carries it out")
    .option("--expect <version>", "only if the mapping stands at this version, which `map plan` names")
    .action(async (options: FileOptions & { expect?: string }, command: Command) => {
      const { json, ...rest } = globals(command);
      const version = options.expect === undefined ? undefined : Number(options.expect);
      if (version !== undefined && !Number.isSafeInteger(version))
        throw new CliError("--expect is a number.");
      const { groups, rules, lineOf } = usable(readFile(options));
      await withMappingStore(rest, connectionOf(command), async (store) => {
        const outcome = await store.apply({ groups, rules }, version);
        switch (outcome.state) {
          case "applied": {
            const { state: _, ...shown } = outcome;
            if (json) return writeJson(shown);
            const { changes, clientsCreated } = outcome;
            if (!differs(outcome)) return write("The mapping is as the file says.");
            const made =
              clientsCreated.length === 0 ? "" : ` ${countOf(clientsCreated.length, "client")} made.`;
            const ruled = outcome.rules.filter(isChanged).length;
            const andRules = ruled === 0 ? "" : ` and ${countOf(ruled, "rule")}`;
            return write(
              `Changed ${countOf(changes.length, "group")}${andRules}.${made} The next full sync carries it out.`,
            );
          }
          case "invalid":
            throw invalidFile(inFile(outcome.problems, lineOf));
          default:
            throw refusalOf(outcome.state);
        }
      });
    });
}

/** `map` itself has this option too and takes its value wherever it stands on the line. */
const connectionOf = (command: Command): string | undefined =>
  command.optsWithGlobals<{ connection?: string }>().connection;

const withFile = (command: Command, file: string): Command =>
  command
    .option("-f, --file <file>", file)
    .addOption(new Option("--format <format>", "by the file's ending without it").choices(mappingFormats))
    .option("--connection <label>", "the connection, where there is more than one");

const formatOf = ({ file, format }: FileOptions): MappingFormat =>
  format ?? (file?.toLowerCase().endsWith(".csv") === true ? "csv" : "json");

function readFile(options: FileOptions): ReadMappingFile {
  if (options.file === undefined) throw new CliError("Say which file: -f mapping.csv");
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(options.file);
  } catch (error) {
    throw new CliError(`The file cannot be read: ${(error as Error).message}`);
  }
  return readMappingFile(decodeText(bytes), formatOf(options));
}

function usable(read: ReadMappingFile) {
  if (read.state === "invalid") throw invalidFile(read.problems);
  return read;
}

const MAX_TOLD = 20;

function invalidFile(problems: readonly FileProblem[]): CliError {
  const told = problems
    .slice(0, MAX_TOLD)
    .map(({ row, column, message }) => `Row ${row}, column ${column}: ${message}`);
  const more = problems.length - told.length;
  if (more > 0) told.push(`and ${more} more`);
  return new CliError("The file cannot be used. Nothing was changed.", told.join("\n"));
}

const refusalOf = (state: "stale" | "unknown_integration"): CliError =>
  state === "stale"
    ? new CliError("The mapping was changed meanwhile. Nothing was written.", "Look at `map plan` again.")
    : new CliError("This connection was removed.");

const said = ({
  state,
  client,
  site,
  contact,
}: Omit<PlannedRule, "pattern" | "change" | "groups">): string =>
  client === null
    ? state
    : [client, site, contact].flatMap((name) => (name == null ? [] : [`“${name}”`])).join(", ");

const differs = ({ changes, rules }: Compared): boolean => changes.length > 0 || rules.some(isChanged);

interface Compared {
  changes: readonly CodedChange[];
  rules: readonly RuleComparison[];
}

/** One line per rule, such as `same  Customers/{client}/** → “{client}”: 12 groups`. */
function describeRules(rules: readonly PlannedRule[]): string[] {
  if (rules.length === 0) return [];
  return [
    "Rules, the first that fits decides:",
    ...rules.map(({ change, pattern, groups, ...rule }) => {
      const follow = change === "removed" ? "" : `: ${countOf(groups, "group")}`;
      return `  ${(change === "none" ? "same" : change).padEnd(7)} ${pattern} → ${said(rule)}${follow}`;
    }),
  ];
}

function describePlan({
  version,
  changes,
  rules,
  effect,
}: {
  version: number;
  changes: readonly CodedChange[];
  rules: readonly PlannedRule[];
  effect: {
    newClients: string[];
    toReview: number;
    placed?: number;
    devicesAreKnown?: boolean;
  } & Record<
    "created" | "joined" | "moved" | "lost",
    { from: string | null; to: string | null; devices: number }[]
  >;
}): string {
  if (!differs({ changes, rules })) return `The mapping is as the file says (version ${version}).`;
  const sum = (moves: { devices: number }[]) => moves.reduce((total, { devices }) => total + devices, 0);
  const lines = [
    `${countOf(changes.length, "group")} of version ${version} would change${changes.length === 0 ? "." : ":"}`,
    ...changes.map(({ path, from, to }) => `  ${path}: ${said(from)} → ${said(to)}`),
    ...describeRules(rules),
    ...effect.newClients.map((name) => `New client: “${name}”`),
  ];
  const effects = [
    [sum(effect.created), "get a new asset"],
    [sum(effect.joined), "join an asset that is there"],
    [sum(effect.moved), "change client"],
    [sum(effect.lost), "lose their client"],
    [effect.placed ?? 0, "get another site or contact"],
    [effect.toReview, "wait for a review"],
  ] as const;
  for (const [devices, what] of effects) {
    if (devices > 0) lines.push(`The next full sync: ${countOf(devices, "device")} would ${what}.`);
  }
  return lines.join("\n");
}
