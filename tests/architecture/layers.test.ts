import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { type Import, importsOf, isResourceRoute, isServerOnly, root, sourceFiles } from "./source-imports";

const files = ["app", "db", "inngest", "cli", "scripts", "tests"].flatMap(sourceFiles);
const imports = files.flatMap(importsOf);

/** Without side effects, server or framework: can be run and tested anywhere. */
const isPure = (file: string) => /^app\/(domain|integrations)\//.test(file) && !isServerOnly(file);

/** The packages that pure code may use beyond zod and node:crypto, each in one file; they are pure themselves. */
const purePackages: Record<string, string> = {
  "app/domain/suggest-client.ts": "fastest-levenshtein",
  "app/integrations/levelio/automation-body.ts": "jsonrepair",
};

const isUserInterface = (file: string) =>
  /^app\/(components|routes)\/|^app\/(root|entry\.client)\.tsx$/.test(file);

const webPackages = [
  "@remix-run/node",
  "@remix-run/react",
  "@remix-run/express",
  "react",
  "react-dom",
  "express",
];

const shown = (found: Import[]) => found.map((one) => `${one.from} imports ${one.specifier}`);

interface Rule {
  rule: string;
  /** Tells the imports that break the rule. */
  offends: (one: Import) => boolean;
  /** An import that must be refused: `from`, what it is written as, the file or package it means. */
  example: [from: string, specifier: string, target: string];
}

const rules: Rule[] = [
  {
    rule: "pure code imports zod, node:crypto and pure code, and two files a pure package each",
    offends: ({ from, target }) =>
      isPure(from) &&
      !isPure(target) &&
      !["zod", "node:crypto"].includes(target) &&
      purePackages[from] !== target,
    example: ["app/domain/disks.ts", "node:fs", "node:fs"],
  },
  {
    rule: "db/ imports nothing above it",
    offends: ({ from, target }) =>
      from.startsWith("db/") && /^(app|inngest|tests|cli|scripts)\//.test(target),
    example: ["db/queries/runs.ts", "~/domain/events", "app/domain/events.ts"],
  },
  {
    rule: "db/ and app/sync know neither the web nor the durable layer",
    offends: ({ from, target }) =>
      /^(db|app\/sync)\//.test(from) &&
      ([...webPackages, "inngest"].includes(target) || target.startsWith("inngest/")),
    example: ["app/sync/walk.ts", "@remix-run/node", "@remix-run/node"],
  },
  {
    rule: "app/sync takes what it needs: it opens no door of the server",
    offends: ({ from, target, typeOnly }) =>
      from.startsWith("app/sync/") && isServerOnly(target) && !typeOnly,
    example: ["app/sync/walk.ts", "~/db.server", "app/db.server.ts"],
  },
  {
    rule: "only inngest/ imports the inngest package (and its conformance tests)",
    offends: ({ from, target }) => target === "inngest" && !/^(inngest|tests\/conformance)\//.test(from),
    example: ["app/jobs.server.ts", "inngest", "inngest"],
  },
  {
    rule: "only app/jobs.server.ts imports inngest/ (and tests)",
    offends: ({ from, target }) =>
      target.startsWith("inngest/") && !/^(inngest|tests)\//.test(from) && from !== "app/jobs.server.ts",
    example: ["app/app.server.ts", "@inngest/client", "inngest/client.ts"],
  },
  {
    rule: "inside app/ only *.server.ts and app/sync touch the database",
    offends: ({ from, target }) =>
      from.startsWith("app/") &&
      (target.startsWith("db/") || ["drizzle-orm", "postgres"].includes(target)) &&
      !isServerOnly(from) &&
      !from.startsWith("app/sync/"),
    example: ["app/components/ui/table.tsx", "@db/schema", "db/schema/index.ts"],
  },
  {
    rule: "app/ reaches db/ and inngest/ by their alias, which the compiler understands",
    offends: ({ from, target, specifier }) =>
      from.startsWith("app/") && /^(db|inngest)\//.test(target) && specifier.startsWith("."),
    example: ["app/db.server.ts", "../db/client", "db/client.ts"],
  },
  {
    rule: "routes and components reach server code only as ~/**/*.server",
    offends: ({ from, target, specifier, typeOnly }) =>
      isUserInterface(from) &&
      isServerOnly(target) &&
      !typeOnly &&
      !(specifier.startsWith("~/") && isServerOnly(specifier)),
    example: ["app/routes/login.tsx", "../session.server", "app/session.server.ts"],
  },
  {
    rule: "components know React, domain types and the types of what they show; no server code at all",
    offends: ({ from, target, typeOnly }) =>
      from.startsWith("app/components/") &&
      !typeOnly &&
      (isServerOnly(target) || target === "@remix-run/node" || target.startsWith("app/sync/")),
    example: ["app/components/shell/nav.tsx", "~/session.server", "app/session.server.ts"],
  },
  {
    rule: "the product imports nothing from its tests",
    offends: ({ from, target }) => /^(app|db|inngest|cli)\//.test(from) && target.startsWith("tests/"),
    example: ["app/app.server.ts", "@tests/support/console", "tests/support/console.ts"],
  },
];

describe("the layers", () => {
  it("are all there to be judged", () => {
    for (const folder of ["app/domain/", "app/sync/", "app/routes/", "db/", "inngest/"]) {
      expect(imports.filter((one) => one.from.startsWith(folder)).length).toBeGreaterThan(0);
    }
  });

  for (const { rule, offends, example } of rules) {
    it(rule, () => {
      expect(shown(imports.filter(offends))).toEqual([]);
      const [from, specifier, target] = example;
      expect(offends({ from, specifier, target, typeOnly: false })).toBe(true);
    });
  }

  it("every import inside the project means a file that is there", () => {
    const isLocal = (one: Import) => /^(\.|~\/|@db\/|@inngest\/|@tests\/)/.test(one.specifier);
    const isBuilt = (one: Import) => one.target.startsWith("build/") || /\.(css|json|js)$/.test(one.target);
    const missing = imports.filter(
      (one) => isLocal(one) && !isBuilt(one) && !/\.(tsx?|mjs)$/.test(one.target),
    );
    expect(shown(missing)).toEqual([]);
  });
});

describe("what reaches the browser", () => {
  /** Packages that only run on the server. @remix-run/node is left out: Remix itself drops it with the loaders. */
  const serverPackages =
    /^(node:.*|drizzle-orm|postgres|pino|express|helmet|ofetch|inngest|@node-rs\/argon2|@electric-sql\/.*)$/;

  it("is free of server code: what the compiler keeps of a page imports no server module by another name", () => {
    const pages = files.filter((file) => isUserInterface(file) && !isResourceRoute(file));
    const reached = new Map(pages.map((file) => [file, [file]]));
    const leaks: string[] = [];
    for (const [file, way] of reached) {
      for (const { target, typeOnly } of importsOf(file)) {
        if (typeOnly || isServerOnly(target)) continue;
        if (serverPackages.test(target) || /^(db|inngest)\//.test(target))
          leaks.push([...way, target].join(" → "));
        else if (target.startsWith("app/") && /\.tsx?$/.test(target) && !reached.has(target)) {
          reached.set(target, [...way, target]);
        }
      }
    }
    expect(leaks).toEqual([]);
  });
});

it("the environment is read in app/env.server.ts alone, or handed to it whole", () => {
  const readers = files
    .filter((file) => /^(app|db|inngest)\//.test(file) && file !== "app/env.server.ts")
    .filter((file) =>
      readFileSync(path.join(root, file), "utf8")
        .replaceAll("loadConfig(process.env)", "")
        .replaceAll("process.env.NODE_ENV", "")
        .includes("process.env"),
    );
  expect(readers).toEqual([]);
});
