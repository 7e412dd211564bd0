import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { circlesOf } from "./circles";
import {
  exportedNames,
  type Import,
  importsOf,
  isResourceRoute,
  isServerOnly,
  root,
  sourceFiles,
} from "./source-imports";

const files = ["app", "db", "domain", "inngest", "cli", "scripts", "tests"].flatMap(sourceFiles);
const imports = files.flatMap(importsOf);

/** Each row may import the rows above it, and not the other features in its own row. */
const featureRows = [
  ["sync-engine"],
  ["device-sync", "alert-sync", "device-ledger", "custom-fields"],
  [
    "audit",
    "asset-history",
    "clients",
    "people",
    "api-tokens",
    "connection-health",
    "search",
    "alert-conditions",
  ],
  ["sync-execution"],
  ["sync-runs"],
  ["connections"],
  [
    "alerts",
    "mapping",
    "matching-rules",
    "review",
    "notifications",
    "overview",
    "patches",
    "coverage",
    "maintenance",
    "alert-rules",
  ],
  ["webhooks", "assets", "operations", "incidents"],
  ["event-subscriptions", "tickets"],
  ["api"],
];

const featureOf = (file: string): string | undefined => /^app\/features\/([^/]+)\//.exec(file)?.[1];

const rowOf = (feature: string): number => featureRows.findIndex((row) => row.includes(feature));

/** Free of side effects, server and framework: runs and can be tested anywhere. */
const isPure = (file: string) => /^(domain|app\/connectors)\//.test(file) && !isServerOnly(file);

/** Packages that pure code may use beyond zod and node:crypto, each in one file; the packages are pure themselves. */
const purePackages: Record<string, string> = {
  "domain/suggest-client.ts": "fastest-levenshtein",
  "domain/outgoing.ts": "standardwebhooks",
  "domain/recurrence.ts": "rrule-temporal",
  "app/connectors/levelio/automation-body.ts": "jsonrepair",
};

/** Views of the features and primitives; routes join them with server code. */
const isView = (file: string) =>
  isInside(file, "app/ui") || (isInside(file, "app/features") && /\.tsx$|\/use-[\w-]+\.ts$/.test(file));

/** View models: know the web's types and nothing else of it. */
const viewModels = ["app/features/sync-runs/run-figures.ts"];

const webPackages = [
  "@remix-run/node",
  "@remix-run/react",
  "@remix-run/express",
  "react",
  "react-dom",
  "express",
];

const isInside = (file: string, ...folders: string[]) =>
  folders.some((folder) => file.startsWith(`${folder}/`));

const shown = (found: Import[]) => found.map((one) => `${one.from} imports ${one.specifier}`);

interface Rule {
  rule: string;
  /** Finds the imports that break the rule. */
  offends: (one: Import) => boolean;
  /**
   * An import that the rule must refuse: the importing file, the specifier as written, and the file or package it
   * resolves to.
   */
  example: [from: string, specifier: string, target: string];
}

const rules: Rule[] = [
  {
    rule: "pure code imports zod, node:crypto and pure code, and three files a pure package each",
    offends: ({ from, target }) =>
      isPure(from) &&
      !isPure(target) &&
      !["zod", "node:crypto"].includes(target) &&
      purePackages[from] !== target,
    example: ["app/connectors/levelio/mappers/device.ts", "node:fs", "node:fs"],
  },
  {
    rule: "the domain imports nothing of ours but itself",
    offends: ({ from, target }) =>
      isInside(from, "domain") && isInside(target, "app", "db", "inngest", "cli", "scripts", "tests"),
    example: ["domain/disks.ts", "~/connectors/registry", "app/connectors/registry.ts"],
  },
  {
    rule: "db/ imports the domain and nothing above",
    offends: ({ from, target }) =>
      isInside(from, "db") && isInside(target, "app", "inngest", "tests", "cli", "scripts"),
    example: ["db/queries/sync-runs/runs.ts", "~/platform/ports", "app/platform/ports.ts"],
  },
  {
    rule: "connectors import the domain and each other",
    offends: ({ from, target }) =>
      isInside(from, "app/connectors") &&
      isInside(target, "app", "db", "inngest") &&
      !isInside(target, "app/connectors"),
    example: ["app/connectors/registry.ts", "@db/client", "db/client.ts"],
  },
  {
    rule: "the platform knows neither sign-in, features nor pages",
    offends: ({ from, target }) =>
      isInside(from, "app/platform") &&
      isInside(target, "app") &&
      !isInside(target, "app/platform", "app/connectors"),
    example: ["app/platform/env.server.ts", "~/auth/guard.server", "app/auth/guard.server.ts"],
  },
  {
    rule: "sign-in stands on the platform",
    offends: ({ from, target }) =>
      isInside(from, "app/auth") &&
      isInside(target, "app") &&
      !isInside(target, "app/auth", "app/platform", "app/connectors"),
    example: ["app/auth/guard.server.ts", "~/ui/badge", "app/ui/badge.tsx"],
  },
  {
    rule: "primitives of the pages know no feature, and no server code but its types",
    offends: ({ from, target, typeOnly }) =>
      isInside(from, "app/ui") &&
      isInside(target, "app", "db", "inngest") &&
      !isInside(target, "app/ui") &&
      !(typeOnly && isInside(target, "app/platform")),
    example: ["app/ui/table.tsx", "@db/schema", "db/schema/index.ts"],
  },
  {
    rule: "a feature imports only the features below it",
    offends: ({ from, target }) => {
      const [feature, other] = [featureOf(from), featureOf(target)];
      if (feature === undefined || other === undefined || feature === other) return false;
      return rowOf(other) >= rowOf(feature);
    },
    example: [
      "app/features/mapping/mapping.ts",
      "~/features/webhooks/replay",
      "app/features/webhooks/replay.ts",
    ],
  },
  {
    rule: "features know neither routes nor the wiring",
    offends: ({ from, target }) =>
      isInside(from, "app/features") &&
      (isInside(target, "app/routes") || /^app\/(main|jobs)\.server\.ts$/.test(target)),
    example: ["app/features/clients/csv.server.ts", "~/main.server", "app/main.server.ts"],
  },
  {
    rule: "use cases and read models know no web: only views and actions import Remix, React or Express",
    offends: ({ from, target, typeOnly }) =>
      isInside(from, "app/features", "db", "domain", "app/connectors") &&
      webPackages.includes(target) &&
      !isView(from) &&
      !from.endsWith("/actions.server.ts") &&
      !(typeOnly && viewModels.includes(from)),
    example: ["app/features/clients/merge.server.ts", "@remix-run/node", "@remix-run/node"],
  },
  {
    rule: "a feature takes what it needs: it opens no door of the server",
    offends: ({ from, target, typeOnly }) =>
      isInside(from, "app/features") && !typeOnly && /^app\/platform\/[^/]+\.server\.ts$/.test(target),
    example: [
      "app/features/sync-engine/walk.ts",
      "~/platform/database.server",
      "app/platform/database.server.ts",
    ],
  },
  {
    rule: "a use case that no route imports knows nobody who is signed in, and no request",
    offends: ({ from, target, typeOnly }) =>
      isInside(from, "app/features") &&
      !isServerOnly(from) &&
      !typeOnly &&
      isServerOnly(target) &&
      !isInside(target, "app/features"),
    example: ["app/features/sync-engine/walk.ts", "~/auth/guard.server", "app/auth/guard.server.ts"],
  },
  {
    rule: "only inngest/ imports the inngest package (and its conformance tests)",
    offends: ({ from, target }) => target === "inngest" && !/^(inngest|tests\/conformance)\//.test(from),
    example: ["app/jobs.server.ts", "inngest", "inngest"],
  },
  {
    rule: "only app/jobs.server.ts imports inngest/ (and tests)",
    offends: ({ from, target }) =>
      isInside(target, "inngest") && !isInside(from, "inngest", "tests") && from !== "app/jobs.server.ts",
    example: ["app/main.server.ts", "@inngest/client", "inngest/client.ts"],
  },
  {
    rule: "inside app/ only *.server.ts, the platform and use cases touch the database",
    offends: ({ from, target }) =>
      isInside(from, "app") &&
      (isInside(target, "db") || ["drizzle-orm", "postgres"].includes(target)) &&
      !isServerOnly(from) &&
      !isInside(from, "app/platform") &&
      !(isInside(from, "app/features") && !isView(from) && !from.endsWith("labels.ts")),
    example: ["app/features/alerts/labels.ts", "@db/schema", "db/schema/index.ts"],
  },
  {
    rule: "SQL is written under db/ alone: nothing else of the product imports drizzle or a table",
    offends: ({ from, target, typeOnly }) =>
      isInside(from, "app", "inngest", "cli", "domain") &&
      !typeOnly &&
      (["drizzle-orm", "postgres"].includes(target) || isInside(target, "db/schema")),
    example: ["app/features/overview/overview.page.server.ts", "drizzle-orm", "drizzle-orm"],
  },
  {
    rule: "app/ reaches db/, domain/ and inngest/ by their alias, which the compiler understands",
    offends: ({ from, target, specifier }) =>
      isInside(from, "app") && isInside(target, "db", "domain", "inngest") && specifier.startsWith("."),
    example: ["app/main.server.ts", "../db/client", "db/client.ts"],
  },
  {
    rule: "routes reach server code only as ~/**/*.server",
    offends: ({ from, target, specifier, typeOnly }) =>
      /^app\/(routes\/|(root|entry\.client)\.tsx$)/.test(from) &&
      isServerOnly(target) &&
      !typeOnly &&
      !(specifier.startsWith("~/") && isServerOnly(specifier)),
    example: ["app/routes/login.tsx", "../auth/session.server", "app/auth/session.server.ts"],
  },
  {
    rule: "views know React, the domain and the types of what they show; no server code at all",
    offends: ({ from, target, typeOnly }) =>
      isView(from) && !typeOnly && (isServerOnly(target) || target === "@remix-run/node"),
    example: ["app/features/alerts/alert-table.tsx", "~/auth/guard.server", "app/auth/guard.server.ts"],
  },
  {
    rule: "the product imports nothing from its tests",
    offends: ({ from, target }) =>
      isInside(from, "app", "db", "domain", "inngest", "cli") && isInside(target, "tests"),
    example: ["app/main.server.ts", "@tests/support/console", "tests/support/console.ts"],
  },
];

describe("the layers", () => {
  it("are all there to be judged", () => {
    for (const folder of ["domain/", "app/connectors/", "app/platform/", "app/routes/", "db/", "inngest/"]) {
      expect(imports.filter((one) => one.from.startsWith(folder)).length).toBeGreaterThan(0);
    }
  });

  it("each feature has its row", () => {
    const features = new Set(files.map(featureOf).filter((feature) => feature !== undefined));
    expect([...features].sort()).toEqual(featureRows.flat().sort());
  });

  for (const { rule, offends, example } of rules) {
    it(rule, () => {
      expect(shown(imports.filter(offends))).toEqual([]);
      const [from, specifier, target] = example;
      expect(offends({ from, specifier, target, typeOnly: false })).toBe(true);
    });
  }

  it("every import inside the project resolves to a file", () => {
    const isLocal = (one: Import) => /^(\.|~\/|@db\/|@domain\/|@inngest\/|@tests\/)/.test(one.specifier);
    const isBuilt = (one: Import) => one.target.startsWith("build/") || /\.(css|json|js)$/.test(one.target);
    const missing = imports.filter(
      (one) => isLocal(one) && !isBuilt(one) && !/\.(tsx?|mjs)$/.test(one.target),
    );
    expect(shown(missing)).toEqual([]);
  });
});

describe("circles", () => {
  const isProduct = (file: string) => isInside(file, "app", "db", "domain", "inngest", "cli", "scripts");
  const product = imports.filter((one) => isProduct(one.from) && isProduct(one.target));

  const edgesOf = (name: (file: string) => string): Map<string, Set<string>> => {
    const edges = new Map<string, Set<string>>();
    for (const { from, target } of product) {
      if (name(from) === name(target)) continue;
      if (!edges.has(name(from))) edges.set(name(from), new Set());
      edges.get(name(from))!.add(name(target));
    }
    return edges;
  };

  /**
   * A connector with its mappers is one folder. A file at the top of app/ (wiring, entries) counts as a folder of its
   * own.
   */
  const folderOf = (file: string): string => {
    const folder = path.posix.dirname(file).replace(/^(app\/connectors\/\w+)\/.*/, "$1");
    return ["app", "db", "inngest", "cli", "scripts"].includes(folder) ? file : folder;
  };

  it.each([
    ["files", (file: string) => file],
    ["folders", folderOf],
  ])("no two %s reach each other", (_what, name) => {
    const edges = edgesOf(name);
    expect(circlesOf(edges.keys(), edges)).toEqual([]);
  });

  it("circles are found when there are any", () => {
    const edges = new Map([
      ["a", new Set(["b", "d"])],
      ["b", new Set(["c"])],
      ["c", new Set(["a"])],
      ["d", new Set<string>()],
    ]);
    expect(circlesOf(edges.keys(), edges)).toEqual([["a", "b", "c"]]);
  });
});

describe("what reaches the browser", () => {
  /** Packages that run only on the server. @remix-run/node is left out because Remix drops it with the loaders. */
  const serverPackages =
    /^(node:.*|drizzle-orm|postgres|pino|express|helmet|ofetch|inngest|@node-rs\/argon2|@electric-sql\/.*)$/;

  it("what the compiler keeps of a page imports no server module", () => {
    const isPage = (file: string) =>
      isInside(file, "app/routes") || /^app\/(root|entry\.client)\.tsx$/.test(file);
    const pages = files.filter((file) => isPage(file) && !isResourceRoute(file));
    const reached = new Map(pages.map((file) => [file, [file]]));
    const leaks: string[] = [];
    for (const [file, way] of reached) {
      for (const { target, typeOnly } of importsOf(file)) {
        if (typeOnly || isServerOnly(target)) continue;
        if (serverPackages.test(target) || isInside(target, "db", "inngest"))
          leaks.push([...way, target].join(" → "));
        else if (isInside(target, "app", "domain") && /\.tsx?$/.test(target) && !reached.has(target)) {
          reached.set(target, [...way, target]);
        }
      }
    }
    expect(leaks).toEqual([]);
  });
});

it("no two exports have the same name", () => {
  // Remix prescribes the names of a route's exports.
  const named = files.filter(
    (file) => !isInside(file, "tests", "app/routes") && !/^app\/(root|entry\.)/.test(file),
  );
  const homes = new Map<string, string[]>();
  for (const file of named)
    for (const name of exportedNames(file)) homes.set(name, [...(homes.get(name) ?? []), file]);
  expect([...homes].filter(([, found]) => found.length > 1)).toEqual([]);
});

it("only app/platform/env.server.ts reads the environment, or receives it whole", () => {
  const readers = files
    .filter(
      (file) => isInside(file, "app", "db", "domain", "inngest") && file !== "app/platform/env.server.ts",
    )
    .filter((file) =>
      readFileSync(path.join(root, file), "utf8")
        .replaceAll("loadConfig(process.env)", "")
        .replaceAll("process.env.NODE_ENV", "")
        // Exception: the proxies' library reads its variables at each call.
        .replaceAll('process.env["NO_PROXY"] ?? process.env["no_proxy"]', "")
        .includes("process.env"),
    );
  expect(readers).toEqual([]);
});

it("only inTransaction wakes the relay, so that nobody can forget to", () => {
  const wakers = files
    .filter((file) => isInside(file, "app") && file !== "app/main.server.ts")
    .filter((file) => /\bnudge\(\)[;,)]/.test(readFileSync(path.join(root, file), "utf8")));
  expect(wakers).toEqual(["app/platform/outbox/in-transaction.ts"]);
});
