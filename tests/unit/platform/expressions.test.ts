import { readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";
import { expect, it, vi } from "vitest";

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

interface FoundExpression {
  file: string;
  text: string;
  expression: RegExp;
}

const sources = () => ["app", "db", "domain", "inngest", "cli", "scripts"].flatMap(sourceFiles);

/** Expressions that are written down. */
function expressionsIn(file: string): FoundExpression[] {
  const found: FoundExpression[] = [];
  visit(file, (node) => {
    if (!ts.isRegularExpressionLiteral(node)) return;
    const [, body = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(node.text)!;
    found.push({ file, text: node.text, expression: new RegExp(body, flags) });
  });
  return found;
}

function visit(file: string, see: (node: ts.Node) => void): void {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const walk = (node: ts.Node): void => {
    see(node);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

/** How many expressions a file puts together from texts: what they are, only the running code knows. */
function countBuilt(file: string): number {
  let count = 0;
  visit(file, (node) => {
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp")
      count++;
  });
  return count;
}

/** The expressions that a file puts together while it is loaded. */
async function builtExpressions(file: string): Promise<FoundExpression[]> {
  const found: FoundExpression[] = [];
  class Noted extends RegExp {
    constructor(pattern: string | RegExp, flags?: string) {
      super(pattern, flags);
      const [, , caller = ""] = new Error().stack!.split("\n");
      if (caller.includes(`/${file}:`)) found.push({ file, text: String(this), expression: this });
    }
  }
  vi.resetModules();
  vi.stubGlobal("RegExp", Noted);
  try {
    await import(path.resolve(file));
  } finally {
    vi.unstubAllGlobals();
  }
  return found;
}

it("no expression of the product takes more than a moment for 100 KB of its worst", async () => {
  const expressions = sources().flatMap(expressionsIn);
  for (const file of sources()) {
    const count = countBuilt(file);
    if (count === 0) continue;
    const built = await builtExpressions(file);
    expect(built.length, `${file} puts an expression together after it was loaded`).toBe(count);
    expressions.push(...built);
  }
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
