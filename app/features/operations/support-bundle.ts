import { arch, cpus, freemem, platform, totalmem } from "node:os";

import { withTenant, type Db } from "@db/client";
import { countPendingMigrations, lastMigrationMs } from "@db/migrate";
import {
  countOpenRuns,
  countRunnerQueue,
  listConnections,
  measureOutbox,
} from "@db/queries/operations/operating";
import { listTenantIds } from "@db/queries/device-ledger/record";
import {
  countLastErrors,
  countQueues,
  countThings,
  listLastRuns,
  readDatabaseFacts,
  readTableSizes,
} from "@db/queries/operations/support";
import type { Config } from "~/platform/env.server";
import { tarOf } from "~/platform/tar";

export interface SupportOptions {
  config: Config;
  version: string;
  /** Undefined if another process has the embedded database open. */
  db: Db | undefined;
  now: Date;
  /**
   * The company to include alone, by row-level security and without data of the server; absent for the whole
   * installation.
   */
  tenantId?: string;
  /** The logger's function: a value as JSON without anything that no log may hold. */
  redactedJson: (value: unknown, indent?: number) => string;
  /** The secrets of the environment, which are cut out everywhere. */
  secrets: readonly string[];
  /** The last lines of the installation's log, if a person supplied them. */
  logLines?: readonly string[];
}

/**
 * The data that a helper outside needs, as a tar archive of JSON: versions, settings, counts, states and errors by ids,
 * without a name of a client, device or person. Everything passes the logger's redactor, and the values of the
 * environment's secrets are cut out everywhere.
 */
export function supportBundle(options: SupportOptions): AsyncGenerator<Buffer> {
  return tarOf(filesOf(options), options.now);
}

/**
 * The support bundle for an administrator of a company. If the installation has several companies, it contains the data
 * of this one alone, and nothing of the shared server.
 */
export async function companySupportBundle(
  options: SupportOptions & { db: Db; tenantId: string },
): Promise<AsyncGenerator<Buffer>> {
  const { tenantId, ...whole } = options;
  const isShared = (await listTenantIds(options.db)).length > 1;
  return supportBundle(isShared ? { ...whole, tenantId } : whole);
}

async function* filesOf(options: SupportOptions) {
  const { config, version, db, now, tenantId, logLines, secrets, redactedJson } = options;
  const file = (name: string, value: unknown) => ({
    name: `plumbline-support/${name}.json`,
    text: withoutValues(textsOf(secrets), `${redactedJson(value, 2)}\n`),
  });
  yield file("about", {
    version,
    ...(tenantId === undefined && serverFacts()),
    madeAt: now,
    database: db === undefined ? "not read: another process has the embedded database open" : "read",
  });
  if (tenantId === undefined) yield file("settings", settingsOf(config));
  if (db !== undefined) {
    const parts = tenantId === undefined ? sections(db, now) : tenantSections(db, tenantId, now);
    for (const [name, read] of parts) yield file(name, await answerOf(read));
  }
  if (logLines !== undefined)
    yield {
      name: "plumbline-support/log.jsonl",
      text: withoutValues(
        textsOf(secrets),
        logLines.map((line) => `${redactedJson(fieldsOf(line))}\n`).join(""),
      ),
    };
}

const serverFacts = () => ({
  node: process.version,
  system: `${platform()} ${arch()}`,
  cpus: cpus().length,
  memory: { total: totalmem(), free: freemem(), process: process.memoryUsage.rss() },
});

/** The queries of the bundle, run as the tenant, which sees its own rows alone. */
function tenantSections(db: Db, tenantId: string, now: Date): [string, () => Promise<unknown>][] {
  const asTenant = (read: (tx: Db) => Promise<unknown>) => () => withTenant(db, tenantId, read);
  return [
    ["counts", asTenant(countThings)],
    ["connections", asTenant(readConnections)],
    ["runs", asTenant(listLastRuns)],
    ["errors", asTenant(countLastErrors)],
    [
      "queues",
      asTenant(async (tx) => ({ openRuns: await countOpenRuns(tx), outbox: await measureOutbox(tx, now) })),
    ],
  ];
}

const sections = (db: Db, now: Date): [string, () => Promise<unknown>][] => [
  ["database", () => readDatabaseFacts(db)],
  [
    "schema",
    async () => ({
      lastMigration: new Date(await lastMigrationMs(db)),
      pendingMigrations: await countPendingMigrations(db),
    }),
  ],
  ["tables", () => readTableSizes(db)],
  ["counts", () => countThings(db)],
  ["connections", () => readConnections(db)],
  ["runs", () => listLastRuns(db)],
  ["errors", () => countLastErrors(db)],
  [
    "queues",
    async () => ({
      openRuns: await countOpenRuns(db),
      outbox: await measureOutbox(db, now),
      embeddedRunner: await countRunnerQueue(db),
      states: await countQueues(db),
    }),
  ],
];

/**
 * The answer of a section, or why it cannot be read: the other sections are kept, and the failure may be the one that
 * is being searched for.
 */
async function answerOf(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    return { failed: error };
  }
}

async function readConnections(db: Db) {
  const rows = await listConnections(db);
  // Leaves out names, which are of clients and people.
  return rows.map(({ label: _l, tenant: _t, keyLastCharacters: _k, ...row }) => row);
}

function settingsOf(config: Config) {
  const { admin, mail, featureFlags, ...rest } = config;
  return {
    ...rest,
    featureFlags: [...featureFlags],
    hasAdminVariables: admin !== undefined,
    mail: mail === undefined ? null : { host: mail.host, port: mail.port, isTls: mail.isTls },
  };
}

/** The fewest characters of a secret that is cut out; a shorter one would be part of ordinary words. */
const SHORTEST = 6;

/** The forms in which a secret could appear in JSON. */
const textsOf = (secrets: readonly string[]): string[] =>
  secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);

const withoutValues = (secrets: readonly string[], text: string): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);

/** A line of the log as JSON; any other line as text. */
function fieldsOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return { text: line };
  }
}
