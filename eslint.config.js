import { fileURLToPath } from "node:url";

import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/**
 * Who may import what (README, Layout), checked in the editor. tests/architecture proves the same rules, and those
 * between features, on the resolved imports. Each list is a gitignore-like group of patterns with a reason.
 */
const forbid = (message, ...group) => ({ group, message });

const durableLayer = forbid(
  "Only app/jobs.server.ts reaches the durable layer.",
  "@inngest/*",
  "**/inngest/*",
  "inngest",
  "inngest/**",
);
const database = forbid(
  "Views touch no database: take what a *.page.server.ts read.",
  "@db/*",
  "@db/**",
  "drizzle-orm",
  "drizzle-orm/**",
  "postgres",
);
const outsideApp = forbid(
  "Reach db/, domain/ and inngest/ by their alias: the Remix compiler keeps a relative import in the browser's bundle.",
  ...["db", "domain", "inngest"].flatMap((folder) =>
    [1, 2, 3, 4].map((depth) => `${"../".repeat(depth)}${folder}/**`),
  ),
);
const web = forbid(
  "Knows neither Remix nor React.",
  "@remix-run/*",
  "react",
  "react-dom",
  "react-dom/**",
  "express",
);
const upward = forbid(
  "The database stands on the domain and imports nothing above it.",
  "~/*",
  "~/**",
  "@inngest/*",
  "@tests/*",
  "**/app/**",
);
const ours = forbid(
  "The domain imports nothing of ours but itself, and zod and node:crypto.",
  "~/*",
  "~/**",
  "@db/*",
  "@db/**",
  "@inngest/*",
  "@tests/*",
  "node:*",
  "!node:crypto",
);
const serverCode = forbid("Pure code imports no server code.", "**/*.server", "node:*", "!node:crypto");
const features = forbid("Stands below the features.", "~/features/**", "~/routes/**", "~/main.server");
const wiring = forbid(
  "A feature knows neither routes nor the wiring.",
  "~/routes/**",
  "~/main.server",
  "~/jobs.server",
);

const imports = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

/** The compiler keeps a call whose argument spreads; the browser has no guard to call, so the page would not load. */
const spreadGuard = {
  selector: "CallExpression[callee.name=/^guarded/] > ObjectExpression > SpreadElement",
  message: "Name each intent, or pass an object that was put together in a .server file.",
};

const environment = {
  selector:
    ":not(MemberExpression[property.name='NODE_ENV'], CallExpression[callee.name='loadConfig']) > " +
    "MemberExpression[object.name='process'][property.name='env']",
  message: "The environment is read in app/platform/env.server.ts alone; take an option instead.",
};

export default tseslint.config(
  {
    ignores: [
      "build/",
      "public/",
      "node_modules/",
      ".data/",
      ".tmp/",
      ".cache/",
      "test-results/",
      "playwright-report/",
    ],
  },
  ...tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "off",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports", prefer: "type-imports" },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["app/**/*.{ts,tsx}"],
    ...reactHooks.configs.flat.recommended,
    rules: {
      ...reactHooks.configs.flat.recommended.rules,
      // Server rendering needs it: an effect after hydration is the only place that knows that the page is interactive.
      "react-hooks/set-state-in-effect": "off",
    },
  },
  {
    // An unhandled promise hides its error.
    files: ["{app,db,domain,inngest,cli,scripts}/**/*.{ts,tsx}"],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: fileURLToPath(new URL(".", import.meta.url)) },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ["app/**/*.{ts,tsx}", "db/**/*.{ts,mjs}", "domain/**/*.ts", "inngest/**/*.ts"],
    rules: { "no-console": "error", "no-restricted-syntax": ["error", environment] },
  },
  { files: ["app/platform/env.server.ts"], rules: { "no-restricted-syntax": "off" } },
  { files: ["app/routes/**/*.tsx"], rules: { "no-restricted-syntax": ["error", environment, spreadGuard] } },

  // The layers, from the top down; the last matching entry applies to a file.
  { files: ["app/**/*.{ts,tsx}"], rules: imports(durableLayer, outsideApp) },
  { files: ["app/**/*.tsx"], rules: imports(durableLayer, outsideApp, database) },
  { files: ["app/jobs.server.ts"], rules: imports(outsideApp) },
  { files: ["app/features/**/*.{ts,tsx}"], rules: imports(durableLayer, outsideApp, wiring) },
  {
    files: ["app/features/**/*.ts"],
    ignores: ["**/use-*.ts", "**/actions.server.ts", "app/features/sync-runs/run-figures.ts"],
    rules: imports(durableLayer, outsideApp, wiring, web),
  },
  { files: ["app/features/**/*.tsx"], rules: imports(durableLayer, outsideApp, wiring, database) },
  { files: ["app/{platform,auth}/**/*.ts"], rules: imports(durableLayer, outsideApp, features) },
  {
    files: ["app/auth/**/*.ts"],
    ignores: ["**/*.server.ts"],
    rules: imports(durableLayer, outsideApp, features, database),
  },
  { files: ["app/ui/**/*.{ts,tsx}"], rules: imports(durableLayer, outsideApp, features, database) },
  { files: ["app/connectors/**/*.ts"], rules: imports(durableLayer, outsideApp, features, database, web) },
  {
    files: ["app/connectors/**/*.ts"],
    ignores: ["**/*.server.ts"],
    rules: imports(durableLayer, outsideApp, features, database, web, serverCode),
  },
  { files: ["domain/**/*.ts"], rules: imports(ours, web) },
  {
    files: ["db/**/*.ts"],
    rules: imports(upward, web, forbid("Only inngest/ imports inngest.", "inngest", "inngest/**")),
  },
  {
    files: ["inngest/**/*.ts"],
    rules: imports(forbid("The durable layer is no web code.", "@remix-run/*", "react", "react-dom")),
  },
);
