import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import type { Command } from "commander";
import { describe, expect, it } from "vitest";

import { variableNames } from "~/platform/env.server";

import { createProgram } from "../../../cli/program";

/** What the documents name must exist: links, files, commands, options, variables, metrics, events and messages. */

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "app/connectors/levelio/README.md",
  "inngest/embedded-runner/README.md",
  "tests/level-simulator/README.md",
  ...filesBelow("docs").filter((file) => file.endsWith(".md")),
].map((file) => ({ file, text: readFileSync(file, "utf8") }));

/** Decisions and the changelog also name what was left out or has been removed since. */
const current = pages.filter(({ file }) => !/decisions\/\d|CHANGELOG/.test(file));

const sources = ["app", "cli", "db", "domain", "inngest", "scripts", "server.mjs"]
  .flatMap((name) => (path.extname(name) === "" ? filesBelow(name) : [name]))
  .filter((file) => /\.(tsx?|mjs|sql)$/.test(file))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

/** Spans in backticks, and the lines of shell blocks. */
const codeOf = (text: string): string[] => [
  ...[...text.replace(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!),
  ...[...text.matchAll(/```(?:sh|bash)\n([\s\S]*?)```/g)].flatMap((match) =>
    match[1]!.split("\n").map((line) => line.replace(/\s#.*/, "").trim()),
  ),
];

/** Named where the runner is compared with Inngest: a document in its repository, and an event of its. */
const ofInngest = ["docs/SDK_SPEC.md", "inngest/function.failed"];

/** The anchor that GitHub and editors make of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
const anchorsOf = (text: string): string[] =>
  [...text.replace(/```[\s\S]*?```/g, "").matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!));

const missingIn = (find: (page: { file: string; text: string }) => string[], among = current): string[] =>
  among.flatMap((page) => find(page).map((missing) => `${page.file}: ${missing}`));

describe("the documents", () => {
  it("link to files and headings that exist", () => {
    const missing = missingIn(
      ({ file, text }) =>
        [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
          .map((match) => match[1]!)
          .filter((target) => {
            const [name, anchor] = target.split("#") as [string, string | undefined];
            const linked = name === "" ? file : path.join(path.dirname(file), name);
            if (!existsSync(linked)) return true;
            return anchor !== undefined && !anchorsOf(readFileSync(linked, "utf8")).includes(anchor);
          }),
      pages,
    );
    expect(missing).toEqual([]);
  });

  it("name files and folders that exist", () => {
    const tops = "app|cli|db|deploy|docs|domain|inngest|scripts|tests|public";
    const missing = missingIn(({ text }) =>
      codeOf(text)
        .flatMap((code) => code.match(new RegExp(`(?<![\\w/.-])(?:${tops})/[\\w./$-]+`, "g")) ?? [])
        .map((name) => name.replace(/[/.]+$/, ""))
        .filter((name) => !existsSync(name) && !existsSync(`${name}.ts`) && !ofInngest.includes(name)),
    );
    expect(missing).toEqual([]);
  });

  it("name npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object };
    const missing = missingIn(({ text }) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!).filter((name) => !(name in scripts)),
    );
    expect(missing).toEqual([]);
  });

  it("name variables of the environment that something reads, and the README has each one of the app", () => {
    const missing = missingIn(({ text }) =>
      codeOf(text)
        .flatMap((code) => code.match(/(?<!\$)\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [])
        .filter((name) => !variableNames.includes(name.replace(/_FILE$/, "")) && !isKnown(name)),
    );
    expect(missing).toEqual([]);
    const readme = pages.find(({ file }) => file === "README.md")!.text;
    expect(variableNames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it("name metrics that the app has", () => {
    const missing = missingIn(({ text }) =>
      (text.match(/\bplumbline_(?!pat|svc|tenant)[a-z_]+\b/g) ?? []).filter(
        (name) => !sources.includes(name.replace("plumbline_", "")),
      ),
    );
    expect(missing).toEqual([]);
  });

  it("list every decision by the title that it has", () => {
    const index = pages.find(({ file }) => file === "docs/decisions/README.md")!.text;
    const entries = [...index.matchAll(/^- \[(\d{3})\]\(([^)]+)\): (.*)$/gm)].map(
      ([, number, name, title]) => `${name}: ${number}: ${title}`,
    );
    const decisions = readdirSync("docs/decisions")
      .filter((name) => name !== "README.md")
      .sort()
      .map((name) => `${name}: ${/^# (.*)$/m.exec(readFileSync(`docs/decisions/${name}`, "utf8"))![1]}`);
    expect(entries).toEqual(decisions);
  });
});

describe("the commands in the documents", () => {
  const program = createProgram();

  it("exist, with their options", () => {
    const missing = missingIn(({ text }) =>
      codeOf(text)
        .flatMap((code) => [
          ...code.matchAll(
            /(?:npm run cli -- |(?<!--owner )\bplumbline )((?:[a-z][\w-]*(?: |$)|--?[a-z][\w-]*(?:[ =]\S+)? ?)*)/g,
          ),
        ])
        .map((match) => match[1]!.trim())
        .filter((line) => line !== "" && !isCommand(program, line.split(/[\s=]+/))),
    );
    expect(missing).toEqual([]);
  });
});

/** Whether the words lead to a command, and each option among them is one of it. */
function isCommand(program: Command, words: string[]): boolean {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  if (command === program && !words[0]!.startsWith("-")) return false;
  const options = words.filter((word) => /^--?[a-z]/.test(word));
  const known = [program, command, ...(command.parent === null ? [] : [command.parent])].flatMap((one) => [
    "--help",
    "-h",
    ...one.options.flatMap(({ long, short }) => [long, short]),
  ]);
  return options.every((option) => known.includes(option));
}

/** A variable of something beside the app, or a name of the source in capitals: an event, an error. */
const isKnown = (name: string): boolean =>
  [
    sources,
    ...["compose.yaml", "compose.small.yaml", "vitest.config.ts"].map((file) => readFileSync(file, "utf8")),
    ...testSources,
  ].some((text) => text.includes(name));

const testSources = ["tests/e2e", "tests/support", "tests/setup", "tests/bench"]
  .flatMap(filesBelow)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(file, "utf8"));

/** Messages whose variable part is a word that the page gives. */
const composed = ["PUBLIC_URL must", "app-secret must hold at least", "This API key may not read"];

it("the troubleshooting page quotes messages that the app has", () => {
  const page = pages.find(({ file }) => file === "docs/operating/troubleshoot.md")!.text;
  const plain = sources.replace(/\s+/g, " ").replaceAll("\\", "");
  const cells = [...page.matchAll(/^\| (?!Check |-)(.*?) +\|/gm)].map((match) => match[1]!);
  const fragments = cells
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
    .flatMap((message) => message.split(/[…\d()]|: /))
    .map((text) => text.replace(/^[\s.,:/]+|[\s.,:/]+$/g, ""))
    .filter((text) => text.length > 8 && !composed.includes(text));
  expect(fragments.length).toBeGreaterThan(50);
  expect(fragments.filter((text) => !plain.includes(text))).toEqual([]);
});
