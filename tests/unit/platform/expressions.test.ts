import { readFileSync } from "node:fs";

import ts from "typescript";
import { expect, it } from "vitest";

import { sourceFiles } from "../../architecture/source-imports";

/** What makes an expression try again from each place: runs of one sign, and of the pairs that addresses are made of. */
const PUMPS = [
  "a",
  "A",
  "0",
  " ",
  "\n",
  "/",
  ".",
  "-",
  ":",
  "@",
  '"',
  "\\",
  "=",
  ",",
  "a.",
  "a-",
  "a:",
  "a/",
  "a ",
  "1.",
  "a://",
  "a=",
  "é",
];
const LENGTH = 100_000;
/** A linear expression takes a millisecond or two, a quadratic one 5 to 100 seconds: no machine mistakes one for the other. */
const MOST_CPU_MS = 2_000;

function expressionsIn(file: string): { file: string; text: string; expression: RegExp }[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found: { file: string; text: string; expression: RegExp }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, body = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(node.text)!;
      found.push({ file, text: node.text, expression: new RegExp(body, flags) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

it("no expression of the product takes more than a moment for 100 KB of its worst", () => {
  const expressions = ["app", "db", "inngest", "cli", "scripts"].flatMap(sourceFiles).flatMap(expressionsIn);
  expect(expressions.length).toBeGreaterThan(50);
  const slow: string[] = [];
  for (const { file, text, expression } of expressions) {
    const before = process.cpuUsage();
    for (const pump of PUMPS) {
      const worst = pump.repeat(LENGTH / pump.length);
      // With an end that fits nothing, every way through the text is tried.
      for (const input of [worst, `${worst}\u0001`]) input.replace(expression, "");
      const { user } = process.cpuUsage(before);
      if (user / 1000 < MOST_CPU_MS) continue;
      slow.push(`${file}: ${text} at ${JSON.stringify(pump)}`);
      break;
    }
  }
  expect(slow).toEqual([]);
});
