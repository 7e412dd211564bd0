import { pino, type Logger as PinoLogger } from "pino";

import { withoutQuotedValue } from "@db/errors";

import { logContext } from "./log-context";

export type Logger = PinoLogger;

export interface LoggerOptions {
  level: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** Writes lines for a person at a terminal instead of JSON. */
  pretty?: boolean;
  /** Writes a line; to standard output if absent. */
  write?: (line: string) => void;
}

const REDACTED = "[redacted]";

/** Names of fields whose value never reaches a log, at any depth. */
const secretName =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-level-signature|x-alga-webhook-secret)$|api-?_?key|secret|password|passphrase|token|sealed|signing-?_?key/i;

/**
 * Names of fields that hold an address. A segment of it may be the token of an invitation or a set-up link, which
 * admits anybody who reads it.
 */
const addressName = /^(path|pathname|url|href|location|referr?er|origin)$/i;

/** Names of fields in which a database error repeats its values: password hashes, sealed keys, whole records. */
const valueName = /^(params|parameters|args|detail|where|rows?|internal_?query)$/i;

/** Pages whose address contains a secret, by the segment before the secret: the log gets the page's pattern instead. */
export const secretPaths: Readonly<Record<string, string>> = {
  invite: ":token",
  unsubscribe: ":token",
};

const secretInText = new RegExp(`(/(${Object.keys(secretPaths).join("|")})/+)[^\\s/?#"']+`, "gi");

/**
 * The password in an address such as postgres://user:password@host. Tries each run of letters only once, so the time is
 * linear.
 */
const passwordInUrl = /((?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/[^\s:@/"]*):[^\s@/"]+@/gi;

/** The most characters of a text: a request may have headers of 16 KB, and a body of any size. */
const MAX_TEXT = 8_000;
const MAX_ADDRESS = 300;

/** The greatest depth that is logged; it also ends the walk through a cycle. */
const MAX_DEPTH = 6;

/**
 * A structured logger that never prints a secret: it recognizes secrets by the name of their field and inside
 * addresses.
 */
export function createLogger(options: LoggerOptions): Logger {
  const write = options.write ?? ((line: string) => void process.stdout.write(line));
  const logger = pino(
    {
      level: options.level,
      base: null,
      mixin: logContext,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      hooks: { streamWrite: (line) => line.replace(passwordInUrl, `$1:${REDACTED}@`) },
      // `redact` has already turned the error into plain fields.
      serializers: { err: (value: unknown) => value },
    },
    { write: options.pretty === true ? (line: string) => write(prettyLine(line)) : write },
  );
  // Pino passes the fields of a child to no formatter. Every child inherits this method from this instance.
  const { child } = logger;
  logger.child = function (this: Logger, bindings: object, childOptions?: object) {
    return child.call(this, redact(bindings) as object, childOptions);
  } as typeof child;
  return logger;
}

/** A value as JSON without anything that a log must not hold, for what leaves the installation. */
export const redactedJson = (value: unknown, indent?: number): string =>
  JSON.stringify(redact(value), null, indent).replace(passwordInUrl, `$1:${REDACTED}@`);

function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return bounded(withoutSecretPath(withoutParameters(value)), MAX_TEXT);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth > MAX_DEPTH) return "[deep]";
  if (value instanceof Error) return redact(plainError(value), depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      secretName.test(name) && field !== null && field !== undefined
        ? REDACTED
        : addressName.test(name) && typeof field === "string"
          ? loggableAddress(field)
          : redact(field, depth + 1),
    ]),
  );
}

const withoutSecretPath = (text: string): string =>
  text.replace(secretInText, (_, before: string, word: string) => before + secretPaths[word.toLowerCase()]!);

/**
 * An address without its query and without segments that look like tokens; a secret segment is replaced by the
 * pattern's name for it.
 */
function loggableAddress(address: string): string {
  const [withoutQuery = ""] = bounded(address, MAX_ADDRESS).split(/[?#]/, 1);
  return withoutQuery
    .split("/")
    .map((segment, at, segments) => patternOf(segments, at) ?? (isToken(segment) ? REDACTED : segment))
    .join("/");
}

/**
 * The pattern's name for a secret segment; undefined if it is not secret. The router matches decoded addresses,
 * ignoring case and double slashes.
 */
function patternOf(segments: string[], at: number): string | undefined {
  if (segments[at] === "") return undefined;
  const before = segments.slice(0, at).filter(Boolean).at(-1) ?? "";
  return secretPaths[decoded(before).toLowerCase()];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Whether a segment looks like a token, also with an ending or a character that a mail program appended. */
const isToken = (segment: string): boolean => /[\w-]{24,}/.test(segment.replace(uuid, ""));

const bounded = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;

/**
 * The text without the values of a failed statement, which Drizzle writes into its message. They end where the stack
 * begins.
 */
function withoutParameters(text: string): string {
  const from = text.indexOf("\nparams: ");
  if (from === -1 || !text.includes("Failed query: ")) return text;
  const stack = text.indexOf("\n    at ", from);
  return `${text.slice(0, from)}\nparams: ${REDACTED}${stack === -1 ? "" : text.slice(stack)}`;
}

/** An error as fields. Keeps `cause` and the error's own fields (codes, hints), because they explain it. */
function plainError(error: Error): Record<string, unknown> {
  const cause = error.cause === undefined ? {} : { cause: error.cause };
  const own = Object.entries(error).filter(([name]) => !valueName.test(name));
  const { code } = error as { code?: unknown };
  const message = typeof code === "string" ? withoutQuotedValue(code, error.message) : error.message;
  return {
    ...Object.fromEntries(own),
    type: error.name,
    message,
    ...cause,
    // The stack begins with the message.
    stack: error.stack?.replace(error.message, () => message),
  };
}

const quietFields = new Set(["level", "time", "msg", "err"]);

/** `12:04:09 WARN  message  field=value`, and the stack of an error below it. */
function prettyLine(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const fields = Object.entries(entry)
    .filter(([name]) => !quietFields.has(name))
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const error = entry["err"] as { stack?: string; message?: string } | undefined;
  const head = [
    String(entry["time"]).slice(11, 19),
    String(entry["level"]).toUpperCase().padEnd(5),
    String(entry["msg"] ?? ""),
    ...fields,
  ].join(" ");
  return error === undefined ? `${head}\n` : `${head}\n${error.stack ?? error.message ?? ""}\n`;
}
