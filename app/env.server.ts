import * as z from "zod";

/** What the installation was told by its environment, checked once at start. */
export interface Config {
  /** Undefined: the embedded database in `dataDir`. */
  databaseUrl: string | undefined;
  dataDir: string;
  /** At least 32 characters. Undefined: generated into `dataDir` by the secrets door. */
  appSecret: string | undefined;
  /** Where people and webhooks reach the app; no slash at the end. */
  publicUrl: string;
  port: number;
  edition: "enterprise" | "community";
  featureFlags: ReadonlySet<string>;
  logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** No slash at the end. */
  levelApiBaseUrl: string;
  transport: "inngest" | "direct";
  inngest: { mode: "embedded" } | { mode: "server" };
  /** The first administrator, created when there is no user yet. */
  admin: { email: string; password: string } | undefined;
  secureCookies: boolean;
  /** Lets whoever sends it read the metrics. Undefined: only this machine itself reads them. */
  metricsToken: string | undefined;
  /** Whether events may be sent to addresses inside: for receivers in one's own network. */
  allowPrivateWebhooks: boolean;
}

/** The environment cannot be used. The message is one line per problem: the variable and how to mend it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

export const LEVEL_FEATURE_FLAG = "levelio-rmm-integration";

const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: (issue) => `must be ${listOf(words)}, not ${JSON.stringify(issue.input)}.` });

const listOf = (words: readonly string[]) => `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

const webAddress = (example: string) =>
  z
    .string()
    .refine(
      (text) => /^https?:$/.test(urlOf(text)?.protocol ?? ""),
      `must be a full address such as ${example}.`,
    )
    .transform((text) => text.replace(/\/+$/, ""));

/** No message repeats the value of a variable that holds a secret. */
const variables = z.object({
  DATABASE_URL: z
    .string()
    .refine(
      (text) => /^postgres(ql)?:$/.test(urlOf(text)?.protocol ?? ""),
      "must look like postgres://user:password@host:5432/database (or be unset for the embedded database).",
    )
    .optional(),
  DATA_DIR: z.string().default(".data"),
  APP_SECRET: z
    .string()
    .min(32, "must have at least 32 characters; make one with: openssl rand -hex 32")
    .optional(),
  PUBLIC_URL: webAddress("https://plumbline.example.com").optional(),
  PORT: z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && +text >= 1 && +text <= 65535, {
      error: (issue) => `must be a port from 1 to 65535, not ${JSON.stringify(issue.input)}.`,
    })
    .transform(Number)
    .default(3000),
  EDITION: oneOf(["enterprise", "community"]).default("enterprise"),
  FEATURE_FLAGS: z
    .string()
    .transform((text) => splitList(text))
    .optional(),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  LEVELIO_API_BASE_URL: webAddress("https://api.level.io").default("https://api.level.io"),
  LEVELIO_SYNC_TRANSPORT: oneOf(["inngest", "direct"]).optional(),
  RMM_SYNC_TRANSPORT: oneOf(["inngest", "direct"]).optional(),
  INNGEST_DEV: z.string().optional(),
  INNGEST_BASE_URL: webAddress("http://localhost:8288").optional(),
  INNGEST_SIGNING_KEY: z.string().optional(),
  METRICS_TOKEN: z
    .string()
    .min(16, "must have at least 16 characters; make one with: openssl rand -hex 16")
    .optional(),
  OUTGOING_ALLOW_PRIVATE: oneOf(["true", "false"]).default("false"),
  ADMIN_EMAIL: z.email("must be an e-mail address.").optional(),
  ADMIN_PASSWORD: z.string().min(12, "must have at least 12 characters.").optional(),
});

/**
 * Reads and checks the environment. A variable that is set to nothing counts as unset.
 * @throws ConfigError naming every variable that is wrong
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.keys(variables.shape).map((name) => [name, env[name]?.trim() || undefined]),
  ) as Record<keyof typeof variables.shape, string | undefined>;
  const parsed = variables.safeParse(given);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}`),
    ...contradictions(given),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);

  const values = parsed.data;
  const publicUrl = values.PUBLIC_URL ?? `http://localhost:${values.PORT}`;
  return {
    databaseUrl: values.DATABASE_URL,
    dataDir: values.DATA_DIR,
    appSecret: values.APP_SECRET,
    publicUrl,
    port: values.PORT,
    edition: values.EDITION,
    featureFlags: new Set(
      values.FEATURE_FLAGS ?? (values.EDITION === "enterprise" ? [LEVEL_FEATURE_FLAG] : []),
    ),
    logLevel: values.LOG_LEVEL,
    levelApiBaseUrl: values.LEVELIO_API_BASE_URL,
    transport: values.LEVELIO_SYNC_TRANSPORT ?? values.RMM_SYNC_TRANSPORT ?? "inngest",
    inngest: { mode: namesInngestServer(values) ? "server" : "embedded" },
    admin:
      values.ADMIN_EMAIL !== undefined && values.ADMIN_PASSWORD !== undefined
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : undefined,
    secureCookies: publicUrl.startsWith("https:"),
    metricsToken: values.METRICS_TOKEN,
    allowPrivateWebhooks: values.OUTGOING_ALLOW_PRIVATE === "true",
  };
}

/** What is wrong only in combination; told together with the rest, so that one start shows every problem. */
function contradictions(given: Record<keyof typeof variables.shape, string | undefined>): string[] {
  const problems: string[] = [];
  if (given.DATABASE_URL && !given.APP_SECRET)
    problems.push(
      "APP_SECRET is required with DATABASE_URL; make one with: openssl rand -hex 32 (and keep it).",
    );
  if (given.ADMIN_EMAIL && !given.ADMIN_PASSWORD)
    problems.push("ADMIN_PASSWORD is missing: ADMIN_EMAIL and ADMIN_PASSWORD are set both or neither.");
  if (given.ADMIN_PASSWORD && !given.ADMIN_EMAIL)
    problems.push("ADMIN_EMAIL is missing: ADMIN_EMAIL and ADMIN_PASSWORD are set both or neither.");
  return problems;
}

/** INNGEST_DEV=0 is the SDK's word for "not the dev server". */
function namesInngestServer(values: z.infer<typeof variables>): boolean {
  const dev = values.INNGEST_DEV !== undefined && !["0", "false"].includes(values.INNGEST_DEV.toLowerCase());
  return dev || values.INNGEST_BASE_URL !== undefined || values.INNGEST_SIGNING_KEY !== undefined;
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
