import { readFileSync } from "node:fs";

/**
 * The address's parameters that the driver understands. It would send any other parameter to the server, which refuses
 * it.
 */
const known = [
  "sslmode",
  "connect_timeout",
  "prepare",
  "options",
  "target_session_attrs",
  "application_name",
];

/** How many seconds a server may take to answer, unless the address says otherwise. */
const CONNECT_SECONDS = "10";

/** Parameters of libpq, poolers and ORMs that can be left out without harm, and why. */
const leftOut: Record<string, string> = {
  channel_binding: "the driver signs in without it",
  gssencmode: "the driver does not encrypt by GSSAPI",
  schema: "the tables are in the schema public",
  connection_limit: "DATABASE_POOL_MAX says how many connections there are",
  pool_timeout: "DATABASE_POOL_MAX says how many connections there are",
};

/** `DATABASE_URL`, prepared for the driver. */
export interface DatabaseAddress {
  /** The address with only those parameters that the driver understands. */
  url: string;
  /** Certificate files that `sslrootcert`, `sslcert` and `sslkey` name. */
  files: { ca?: string; cert?: string; key?: string };
  /** A sentence for each parameter that was left out. */
  notes: string[];
}

/**
 * Reads a `DATABASE_URL` as hosting services and ORMs print it. The parameters: libpq, "Parameter Key Words".
 * @throws TypeError if the text is no URL; check it with `databaseUrlProblem` first
 */
export function readDatabaseUrl(text: string): DatabaseAddress {
  const url = new URL(text);
  const files: DatabaseAddress["files"] = {};
  const notes: string[] = [];
  for (const [name, value] of [...url.searchParams]) {
    if (known.includes(name)) continue;
    url.searchParams.delete(name);
    switch (name) {
      case "sslrootcert":
        if (value === "system") url.searchParams.set("sslmode", "verify-full");
        else files.ca = value;
        break;
      case "sslcert":
        files.cert = value;
        break;
      case "sslkey":
        files.key = value;
        break;
      case "pgbouncer":
        if (value === "true") url.searchParams.set("prepare", "false");
        break;
      default:
        notes.push(`${name} in DATABASE_URL is left out: ${leftOut[name] ?? "Plumbline does not know it"}.`);
    }
  }
  if (!url.searchParams.has("connect_timeout")) url.searchParams.set("connect_timeout", CONNECT_SECONDS);
  return { url: url.href, files, notes };
}

/**
 * The driver's TLS options if the address names certificate files. The driver checks the server's certificate if the
 * address names a root certificate or a mode that verifies.
 * @throws the file system's error if a file cannot be read
 */
export function tlsOf({ url, files }: DatabaseAddress): Record<string, unknown> | undefined {
  const named = Object.entries(files);
  const mode = new URL(url).searchParams.get("sslmode") ?? "prefer";
  if (named.length === 0 || mode === "disable") return undefined;
  const read = Object.fromEntries(named.map(([name, file]) => [name, readFileSync(file, "utf8")]));
  return { ...read, rejectUnauthorized: files.ca !== undefined || mode.startsWith("verify") };
}

/**
 * What is wrong with an address, in words that repeat no part of it; null if nothing is. A `#`, `/` or `?` in a
 * password ends that part of the address, and the driver would take the remainder of the password for a host and print
 * it.
 */
export function databaseUrlProblem(text: string): string | null {
  const form =
    "must look like postgres://user:password@host:5432/database (or be unset for the embedded database)";
  const escape = "write # / ? @ and % in user and password as %23 %2F %3F %40 and %25";
  const hosts = /^\w+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(text)?.[1] ?? "";
  if (hosts.includes(","))
    return "names several hosts: name one, that of the server that takes writes, or an address that follows it.";
  if (!URL.canParse(text)) return `${form}; ${escape}.`;
  const url = new URL(text);
  if (!/^postgres(ql)?:$/.test(url.protocol)) return `${form}.`;
  if (url.hash !== "" || url.pathname.includes("@") || url.search.includes("@"))
    return `is cut short: ${escape}.`;
  try {
    decodeURIComponent(url.username);
    decodeURIComponent(url.password);
  } catch {
    return `${form}; ${escape}.`;
  }
  return null;
}
