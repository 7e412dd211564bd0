import { isIP } from "node:net";

import * as z from "zod";

import { databaseUrlProblem, readDatabaseUrl } from "@db/connection-url";
import { DEFAULT_HISTORY_DAYS } from "@domain/asset-history";
import { IN_FLIGHT } from "@domain/in-flight";
import { passwordProblem } from "@domain/password";
import type { Retention } from "@domain/retention";

import { takeFiles } from "./env-files";
import type { MailAccount } from "./ports";
import { days, retentionOf, retentionVariables } from "./retention-variables";

/** The configuration from the environment, checked once at start. */
export interface Config {
  /** Undefined: the embedded database in `dataDir`. */
  databaseUrl: string | undefined;
  /** The most connections to the database that this process opens. Undefined: as many as the server's limits allow. */
  databasePoolMax: number | undefined;
  dataDir: string;
  /** At least 32 characters. Undefined: `loadAppSecret` generates a secret in `dataDir`. */
  appSecret: string | undefined;
  /** The address at which people and webhooks reach the app; no slash at the end. */
  publicUrl: string;
  port: number;
  edition: "enterprise" | "community";
  featureFlags: ReadonlySet<string>;
  logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** The address of Level's API; no slash at the end. */
  levelApiBaseUrl: string;
  transport: "inngest" | "direct";
  /**
   * `server`: with the address of the Inngest server that the environment names, and the one at which it reaches the
   * app. Undefined: a development server registers the address at which it asked.
   */
  inngest: { mode: "embedded" } | { mode: "server"; url: string; serveOrigin: string | undefined };
  /** The first administrator, created if there are no people yet. */
  admin: { email: string; password: string } | undefined;
  secureCookies: boolean;
  /** The proxies whose `X-Forwarded-*` headers are trusted: addresses, networks, and names that Express knows. */
  trustedProxies: string[];
  /** The bearer token for the metrics. Undefined: only this machine may read them. */
  metricsToken: string | undefined;
  /** The mail server that notifications are sent through. Undefined: no e-mails are sent. */
  mail: MailAccount | undefined;
  /** Days for which changes of assets are kept. */
  assetHistoryDays: number;
  /** Days for which finished data is kept. */
  retention: Retention;
  /** The most syncs at a time over all tenants. Undefined: as many as the Inngest server allows. */
  syncsAtOnce: number | undefined;
  /** The most requests to the RMM that a connection may have in flight. */
  requestsInFlight: number;
  /** Whether events may be sent to private addresses, for receivers in the installation's own network. */
  allowPrivateWebhooks: boolean;
  /** Settings that are allowed but likely mistakes; a sentence each. */
  warnings: string[];
}

/** The environment cannot be used. The message has one line per problem: the variable and how to fix it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** The fewest characters of APP_SECRET. */
export const MIN_SECRET_LENGTH = 32;

/**
 * The most syncs at a time on the embedded runner, which is for one machine, if the environment does not say otherwise.
 */
const EMBEDDED_SYNCS_AT_ONCE = 5;

export const LEVEL_FEATURE_FLAG = "levelio-rmm-integration";

/**
 * What is wrong with APP_SECRET, or null. Each part, separated by commas, is a secret of its own; anybody could derive
 * the key of an empty part.
 */
function secretProblem(text: string): string | null {
  const parts = text.split(",").map((part) => part.trim());
  const short = parts.findIndex((part) => part.length < MIN_SECRET_LENGTH);
  if (short === -1) return null;
  if (parts.length === 1)
    return `must have at least ${MIN_SECRET_LENGTH} characters; make one with: openssl rand -hex 32`;
  const what = parts[short] === "" ? "is empty" : `has fewer than ${MIN_SECRET_LENGTH} characters`;
  return `part ${short + 1} of ${parts.length} (separated by commas) ${what}; leave it out, or make one with: openssl rand -hex 32`;
}

const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: (issue) => `must be ${listOf(words)}, not ${JSON.stringify(issue.input)}.` });

const listOf = (words: readonly string[]) => `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

const webAddress = (example: string) =>
  z
    .string()
    .refine(isWebAddress, `must be a full address such as ${example}.`)
    .transform((text) => text.replace(/(?<!\/)\/+$/, ""));

/** What is wrong with an address of the app, or null. It must have no path, because the app serves from the root. */
function originProblem(text: string): string | null {
  const url = urlOf(text);
  if (url === undefined || !isWebAddress(text)) return null;
  const example = `set it to ${url.origin}.`;
  if (url.username !== "" || url.password !== "") return `must not hold a user name or password; ${example}`;
  if (/[?#]/.test(text)) return `must end with its host, without a query or fragment; ${example}`;
  if (!/^\/*$/.test(url.pathname))
    return `must not have a path, since pages are served from the root; ${example}`;
  return null;
}

const origin = (example: string) =>
  webAddress(example)
    .superRefine((text, context) => {
      const message = originProblem(text);
      if (message !== null) context.addIssue({ code: "custom", message });
    })
    .optional();

/** The message of a variable that holds a secret never repeats its value. */
const variables = z.object({
  DATABASE_URL: z
    .string()
    .superRefine((text, context) => {
      const message = databaseUrlProblem(text);
      if (message !== null) context.addIssue({ code: "custom", message });
    })
    .optional(),
  DATABASE_POOL_MAX: z
    .string()
    .refine((text) => /^\d{1,3}$/.test(text) && +text >= 1, {
      error: (issue) => `must be a number of connections from 1 to 999, not ${JSON.stringify(issue.input)}.`,
    })
    .transform(Number)
    .optional(),
  DATA_DIR: z.string().default(".data"),
  APP_SECRET: z
    .string()
    .superRefine((text, context) => {
      const message = secretProblem(text);
      if (message !== null) context.addIssue({ code: "custom", message });
    })
    .optional(),
  PUBLIC_URL: origin("https://plumbline.example.com"),
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
  INNGEST_DEV: z
    .string()
    .refine((text) => isSwitch(text) || isWebAddress(text), {
      error: (issue) =>
        `must be 1, 0 or an address such as http://localhost:8288, not ${JSON.stringify(issue.input)}.`,
    })
    .optional(),
  INNGEST_BASE_URL: webAddress("http://localhost:8288").optional(),
  INNGEST_SERVE_ORIGIN: origin("http://app:3000"),
  INNGEST_SIGNING_KEY: z.string().optional(),
  TRUSTED_PROXIES: z
    .string()
    .default("")
    .transform((text) => splitList(text))
    .refine(
      (list) => list.every(isNetwork),
      "must be a list of addresses, each of a proxy, such as 10.0.0.7, fd00::7 (or networks, or the names linklocal, uniquelocal).",
    ),
  INNGEST_EVENT_KEY: z.string().optional(),
  METRICS_TOKEN: z
    .string()
    .min(16, "must have at least 16 characters; make one with: openssl rand -hex 16")
    .optional(),
  SMTP_URL: z
    .string()
    .refine(
      (text) => mailServerOf(text) !== undefined,
      "must look like smtp://user:password@host:587 or smtps://user:password@host:465 (or be unset: no e-mails).",
    )
    .optional(),
  MAIL_FROM: z
    .string()
    .refine(
      isMailbox,
      "must be an address such as plumbline@example.com or Plumbline <plumbline@example.com>.",
    )
    .optional(),
  ASSET_HISTORY_DAYS: days.default(DEFAULT_HISTORY_DAYS),
  ...retentionVariables,
  RMM_SYNCS_AT_ONCE: z
    .string()
    .refine((text) => /^\d{1,3}$/.test(text) && +text >= 1, {
      error: (issue) => `must be a number of syncs from 1 to 999, not ${JSON.stringify(issue.input)}.`,
    })
    .transform(Number)
    .optional(),
  RMM_REQUESTS_IN_FLIGHT: z
    .string()
    .refine((text) => /^\d$/.test(text) && +text >= IN_FLIGHT.min && +text <= IN_FLIGHT.max, {
      error: (issue) =>
        `must be a number of requests from ${IN_FLIGHT.min} to ${IN_FLIGHT.max}, not ${JSON.stringify(issue.input)}.`,
    })
    .transform(Number)
    .default(IN_FLIGHT.default),
  OUTGOING_ALLOW_PRIVATE: oneOf(["true", "false"]).default("false"),
  ADMIN_EMAIL: z.email("must be an e-mail address.").optional(),
  /** `contradictions` checks its strength by the rules of the pages. */
  ADMIN_PASSWORD: z.string().optional(),
});

/** Every variable of Plumbline. The value of each may be in a file, named by the variable with `_FILE` appended. */
export const variableNames = Object.keys(variables.shape);

/** Variables whose value is a secret or contains one. */
const secretVariables = [
  "APP_SECRET",
  "METRICS_TOKEN",
  "ADMIN_PASSWORD",
  "INNGEST_SIGNING_KEY",
  "INNGEST_EVENT_KEY",
] as const;

/**
 * The secrets in an environment, in each form in which they could appear in a text, so that they can be cut out of what
 * leaves the installation.
 */
export function secretsIn(env: Record<string, string | undefined> = process.env): string[] {
  const passwords = [env["DATABASE_URL"], env["SMTP_URL"]].flatMap((text) => {
    const url = urlOf(text ?? "");
    return url === undefined ? [] : [url.password, credentialsOf(url)?.password];
  });
  const whole = secretVariables.flatMap((name) => env[name]?.split(",") ?? []);
  return [...passwords, ...whole].flatMap((secret) => secret?.trim() || []);
}

/**
 * Reads and checks the environment. An empty variable counts as unset.
 * @throws ConfigError naming every variable that is wrong
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const unread = takeFiles(env, variableNames);
  // Without the unreadable values, further checks would report misleading errors.
  if (unread.length > 0) throw new ConfigError(unread);
  const given = Object.fromEntries(
    variableNames.map((name) => [name, env[name]?.trim() || undefined]),
  ) as Given;
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
    databasePoolMax: values.DATABASE_POOL_MAX,
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
    inngest: namesInngestServer(given)
      ? {
          mode: "server",
          url: inngestServer(given),
          serveOrigin: values.INNGEST_SERVE_ORIGIN ?? (isDevServer(given) ? undefined : publicUrl),
        }
      : { mode: "embedded" },
    admin:
      values.ADMIN_EMAIL !== undefined && values.ADMIN_PASSWORD !== undefined
        ? { email: values.ADMIN_EMAIL, password: values.ADMIN_PASSWORD }
        : undefined,
    secureCookies: publicUrl.startsWith("https:"),
    // Always includes this machine: a request through a proxy on it must not count as the machine's own.
    trustedProxies: ["loopback", ...values.TRUSTED_PROXIES],
    metricsToken: values.METRICS_TOKEN,
    mail:
      values.SMTP_URL !== undefined && values.MAIL_FROM !== undefined
        ? { ...mailServerOf(values.SMTP_URL)!, from: values.MAIL_FROM }
        : undefined,
    assetHistoryDays: values.ASSET_HISTORY_DAYS,
    retention: retentionOf(values),
    syncsAtOnce: values.RMM_SYNCS_AT_ONCE ?? (namesInngestServer(given) ? undefined : EMBEDDED_SYNCS_AT_ONCE),
    requestsInFlight: values.RMM_REQUESTS_IN_FLIGHT,
    allowPrivateWebhooks: values.OUTGOING_ALLOW_PRIVATE === "true",
    warnings: warningsOf(given, publicUrl),
  };
}

/** The errors of combinations of variables. They are reported with the others, so that one start shows every error. */
function contradictions(given: Given): string[] {
  const problems: string[] = [];
  if (given.DATABASE_URL && !given.APP_SECRET)
    problems.push(
      "APP_SECRET is required with DATABASE_URL; make one with: openssl rand -hex 32 (and keep it).",
    );
  if (given.ADMIN_EMAIL && !given.ADMIN_PASSWORD)
    problems.push("ADMIN_PASSWORD is missing: ADMIN_EMAIL and ADMIN_PASSWORD are set both or neither.");
  if (given.ADMIN_PASSWORD && !given.ADMIN_EMAIL)
    problems.push("ADMIN_EMAIL is missing: ADMIN_EMAIL and ADMIN_PASSWORD are set both or neither.");
  const weakness = given.ADMIN_PASSWORD
    ? passwordProblem(given.ADMIN_PASSWORD, { email: given.ADMIN_EMAIL ?? "" })
    : null;
  if (weakness !== null) problems.push(`ADMIN_PASSWORD is refused. ${weakness}`);
  if (given.SMTP_URL && !given.MAIL_FROM)
    problems.push("MAIL_FROM is missing: SMTP_URL and MAIL_FROM are set both or neither.");
  if (given.MAIL_FROM && !given.SMTP_URL)
    problems.push("SMTP_URL is missing: SMTP_URL and MAIL_FROM are set both or neither.");
  if (namesInngestServer(given) && !isDevServer(given))
    for (const name of ["INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"] as const)
      if (!given[name])
        problems.push(
          `${name} is missing: an Inngest server needs INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY (or INNGEST_DEV=1 for a development server).`,
        );
  return problems;
}

function warningsOf(given: Given, publicUrl: string): string[] {
  const notes = given.DATABASE_URL === undefined ? [] : readDatabaseUrl(given.DATABASE_URL).notes;
  if (!isDevServer(given) || !publicUrl.startsWith("https:")) return notes;
  return [
    ...notes,
    "INNGEST_DEV is set beside a PUBLIC_URL with https: a development server signs nothing, so whoever reaches this address can run its functions. Unset INNGEST_DEV, and set INNGEST_EVENT_KEY and INNGEST_SIGNING_KEY.",
  ];
}

type Given = Record<keyof typeof variables.shape, string | undefined>;

/**
 * Whether the environment names an Inngest server. One of the variables is enough, so that an incomplete set never
 * silently starts the embedded runner.
 */
const namesInngestServer = (given: Given): boolean =>
  isDevServer(given) ||
  [given.INNGEST_BASE_URL, given.INNGEST_SIGNING_KEY, given.INNGEST_EVENT_KEY].some(
    (value) => value !== undefined,
  );

/** Whether the Inngest server is a development server, which needs no keys. */
const isDevServer = ({ INNGEST_DEV: dev }: Given): boolean =>
  dev !== undefined && !["0", "false"].includes(dev.toLowerCase());

/** Whether the SDK reads this value of INNGEST_DEV as a switch, not as an address. */
function isSwitch(text: string): boolean {
  return ["1", "true", "0", "false"].includes(text.toLowerCase());
}

function isWebAddress(text: string): boolean {
  return /^https?:$/.test(urlOf(text)?.protocol ?? "");
}

/** User and password of an address; undefined if a `%` in them is invalid. */
function credentialsOf(url: URL): { user: string; password: string } | undefined {
  try {
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    return undefined;
  }
}

/** The address at which the SDK looks for the Inngest server: the named one, the dev server, or Inngest Cloud. */
function inngestServer(given: Given): string {
  const { INNGEST_BASE_URL: named, INNGEST_DEV: dev } = given;
  if (named !== undefined) return named;
  if (dev !== undefined && isWebAddress(dev)) return dev;
  return isDevServer(given) ? "http://localhost:8288" : "https://api.inngest.com";
}

/** The parts of `smtp://user:password@host:port`; undefined if the address is malformed or has unsupported parts. */
function mailServerOf(text: string): Omit<MailAccount, "from"> | undefined {
  const url = urlOf(text);
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || url.hostname === "") return undefined;
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") return undefined;
  const isTls = url.protocol === "smtps:";
  const auth = credentialsOf(url);
  if (auth === undefined) return undefined;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 465 : 587) : Number(url.port),
    isTls,
    auth: auth.user === "" ? undefined : auth,
  };
}

/** Whether the text is an e-mail address, or a name of ordinary characters followed by one in angle brackets. */
function isMailbox(text: string): boolean {
  const [, address = text] = /^[^<>"@,;:\p{Cc}]+<([^<>]+)>$/u.exec(text) ?? [];
  return z.email().safeParse(address).success;
}

/**
 * Whether the text is an address, a network with its prefix length, or a name for several networks. Prefix length 0,
 * which is every address, is refused as a mistake.
 */
function isNetwork(text: string): boolean {
  if (["linklocal", "uniquelocal"].includes(text)) return true;
  const [address = "", length, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return length === undefined || (/^[1-9]\d{0,2}$/.test(length) && +length <= (version === 4 ? 32 : 128));
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
