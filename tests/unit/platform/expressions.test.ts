import { readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";
import { expect, it, vi } from "vitest";

import { sourceFiles } from "../../architecture/source-imports";

/**
 * Text that makes an expression retry from each place: runs of one character, and of the pairs that addresses consist
 * of.
 */
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
/**
 * Milliseconds. A linear expression takes one or two, a quadratic one 5 to 100 seconds, so no machine confuses them.
 */
const MOST_CPU_MS = 2_000;

interface FoundExpression {
  file: string;
  text: string;
  expression: RegExp;
}

const sources = () => ["app", "db", "domain", "inngest", "cli", "scripts"].flatMap(sourceFiles);

/** Literal expressions in the source. */
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

/** Number of expressions that a file builds from text: only the running code knows them. */
function countBuilt(file: string): number {
  let count = 0;
  visit(file, (node) => {
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp")
      count++;
  });
  return count;
}

/** The expressions that a file builds while it is loaded. */
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

it("no expression of the product takes more than a moment for 100 KB of its worst input", async () => {
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
      // An end that never matches makes the engine try every way through the text.
      for (const input of [worst, `${worst}\u0001`]) input.replace(expression, "");
      const { user } = process.cpuUsage(before);
      if (user / 1000 < MOST_CPU_MS) continue;
      slow.push(`${file}: ${text} at ${JSON.stringify(pump)}`);
      break;
    }
  }
  expect(slow).toEqual([]);
});
