import { v7 as uuidv7 } from "uuid";
import * as z from "zod";

import type { TenantDb } from "@db/client";
import { onUniqueViolation } from "@db/errors";
import { partNameKeys } from "@db/queries/clients/client-parts";
import {
  findStoredClients,
  findStoredParts,
  insertImported,
  updateImported,
  type ImportedKind,
  type ImportedRow,
  type StoredRow,
} from "@db/queries/clients/import";
import { clientPartFields, MAX_CLIENT_PARTS } from "@domain/client-parts";
import { contentHash } from "@domain/content-hash";
import type { Context } from "~/auth/guard.server";
import { readCsvTable, type CellProblem } from "~/platform/http/csv.server";

import { clientPartSchemas } from "./client-parts.server";
import { clientForm, clientName } from "./forms.server";

export const importKinds = ["client", "site", "contact"] as const satisfies readonly ImportedKind[];

/** The form of an imported file with clients, sites or contacts, with the version of its preview. */
export const importForm = z.object({
  kind: z.enum(importKinds, "Choose what the file has."),
  version: z.string().max(100).default(""),
});
export type { ImportedKind };

/** The most rows of a file, which is as many as fit into the largest form. */
const MAX_ROWS = 20_000;

/** Columns of the clients' download that are computed and not stored. */
const counted =
  "assets servers online pending_updates active_alerts groups confirmed_in_time promised last_sync".split(
    " ",
  );

interface Shape {
  columns: readonly string[];
  required: readonly string[];
  ignored: readonly string[];
  fields: z.ZodObject;
}

const shapes: Record<ImportedKind, Shape> = {
  client: { columns: ["name", "notes"], required: ["name"], ignored: counted, fields: clientForm },
  site: {
    columns: ["client", ...clientPartFields.site],
    required: ["client", "name"],
    ignored: [],
    fields: clientPartSchemas.site.extend({ client: clientName }),
  },
  contact: {
    columns: ["client", ...clientPartFields.contact],
    required: ["client", "name"],
    ignored: [],
    fields: clientPartSchemas.contact.extend({ client: clientName }),
  },
};

/** The columns that a file of this kind may have. */
export const importColumns = (kind: ImportedKind): readonly string[] => shapes[kind].columns;

/** What importing a row of the file does. */
export interface PlannedRow {
  /** The line of the file at which the row begins. */
  line: number;
  client: string | null;
  name: string;
  state: "new" | "changed" | "unchanged" | "error";
  /** The fields that change. */
  fields: string[];
  problems: CellProblem[];
}

export interface ImportPlan {
  rows: PlannedRow[];
  counts: Record<PlannedRow["state"], number>;
  /** The same as long as file and database lead to the same changes. */
  version: string;
}

export type PlanOutcome =
  { state: "planned"; plan: ImportPlan } | { state: "unreadable"; problems: CellProblem[] };

interface ReadRow {
  line: number;
  values: Record<string, string | null>;
  problems: CellProblem[];
}

type Read = { state: "read"; rows: ReadRow[] } | { state: "unreadable"; problems: CellProblem[] };

function readFile(kind: ImportedKind, text: string): Read {
  const { fields, ...columns } = shapes[kind];
  const table = readCsvTable(text, columns);
  if (table.state === "invalid") return { state: "unreadable", problems: table.problems };
  const { records, lineOf, header } = table;
  const [first] = columns.columns;
  const none = { row: 1, column: first!, message: "The file has no line below its header." };
  if (records.length === 0) return { state: "unreadable", problems: [none] };
  const many = { row: lineOf(MAX_ROWS), column: first!, message: `A file has ${MAX_ROWS} rows at most.` };
  if (records.length > MAX_ROWS) return { state: "unreadable", problems: [many] };
  const given = columns.columns.filter((column) => header.includes(column));
  const rows = records.map((record, at): ReadRow => {
    const line = lineOf(at);
    const extra = Object.keys(record).filter(
      (column) => !given.includes(column) && record[column] !== undefined,
    );
    const problems = extra.map((column) => ({
      row: line,
      column,
      message: "The row has more cells than the header.",
    }));
    const parsed = fields.safeParse(
      Object.fromEntries(given.map((column) => [column, record[column] ?? ""])),
    );
    if (parsed.success) {
      const values = parsed.data as Record<string, string | null>;
      // A column that the file lacks leaves the stored values.
      return {
        line,
        values: Object.fromEntries(given.map((column) => [column, values[column] ?? null])),
        problems,
      };
    }
    problems.push(
      ...parsed.error.issues.map(({ path, message }) => ({ row: line, column: String(path[0]), message })),
    );
    return {
      line,
      values: Object.fromEntries(given.map((column) => [column, record[column] ?? null])),
      problems,
    };
  });
  return { state: "read", rows };
}

interface Planned extends ImportPlan {
  added: ImportedRow[];
  changed: ImportedRow[];
}

async function planRows(
  tx: TenantDb,
  tenantId: string,
  kind: ImportedKind,
  read: readonly ReadRow[],
): Promise<Planned> {
  const named = read.map(({ values }) => ({ client: values["client"] ?? "", name: values["name"] ?? "" }));
  const stored =
    kind === "client"
      ? await findStoredClients(tx, tenantId, named)
      : await findStoredParts(tx, tenantId, kind, named);
  const lines = new Map<string, number>();
  const newOf = new Map<string, number>();
  const added: ImportedRow[] = [];
  const changed: ImportedRow[] = [];
  const rows = read.map(({ line, values, problems: wrong }, at): PlannedRow => {
    const { client = null, ...own } = values;
    const row = stored[at]!;
    const problems = [
      ...wrong,
      ...(wrong.length > 0 ? [] : problemsOf(kind, line, client, row, lines, newOf)),
    ];
    lines.set(row.key, lines.get(row.key) ?? line);
    const shown = { line, client, name: own["name"] ?? "", problems };
    if (problems.length > 0) return { ...shown, state: "error", fields: [] };
    if (row.id === null) {
      added.push({ id: uuidv7(), clientId: row.clientId, values: own });
      return { ...shown, state: "new", fields: [] };
    }
    const fields = Object.keys(own).filter(
      (field) => field !== "name" && own[field] !== (row.values[field] ?? null),
    );
    if (fields.length === 0) return { ...shown, state: "unchanged", fields };
    changed.push({ id: row.id, clientId: row.clientId, values: own });
    return { ...shown, state: "changed", fields };
  });
  const counts = { new: 0, changed: 0, unchanged: 0, error: 0 };
  for (const { state } of rows) counts[state]++;
  const version = contentHash([
    kind,
    read.map(({ values }) => values),
    rows.map(({ state, fields }) => [state, fields]),
  ]);
  return { rows, counts, version, added, changed };
}

function problemsOf(
  kind: ImportedKind,
  line: number,
  client: string | null,
  { key, clientId, siblings, id }: StoredRow,
  lines: ReadonlyMap<string, number>,
  newOf: Map<string, number>,
): CellProblem[] {
  const former = lines.get(key);
  if (former !== undefined)
    return [{ row: line, column: "name", message: `It stands in line ${former} already.` }];
  if (kind === "client") return [];
  if (clientId === null)
    return [{ row: line, column: "client", message: `There is no client “${client ?? ""}”.` }];
  if (id !== null) return [];
  const made = (newOf.get(clientId) ?? 0) + 1;
  newOf.set(clientId, made);
  if (siblings + made <= MAX_CLIENT_PARTS) return [];
  return [{ row: line, column: "client", message: `A client has at most ${MAX_CLIENT_PARTS} ${kind}s.` }];
}

/** What importing the file would do, row by row. Writes nothing. */
export async function planImport(
  { tenantId, inTenant }: Pick<Context, "tenantId" | "inTenant">,
  kind: ImportedKind,
  text: string,
): Promise<PlanOutcome> {
  const read = readFile(kind, text);
  if (read.state === "unreadable") return read;
  const { rows, counts, version } = await inTenant((tx) => planRows(tx, tenantId, kind, read.rows));
  return { state: "planned", plan: { rows, counts, version } };
}

export type ImportOutcome =
  | { state: "imported" | "stale" | "has_errors"; plan: ImportPlan }
  | { state: "taken" }
  | Extract<PlanOutcome, { state: "unreadable" }>;

/**
 * Imports a file as previewed, in one transaction or not at all.
 * @param version the version of the preview that the person saw; see `ImportPlan`
 */
export async function importFile(
  { tenantId, inTenant, audit }: Pick<Context, "tenantId" | "inTenant" | "audit">,
  kind: ImportedKind,
  text: string,
  version: string,
): Promise<ImportOutcome> {
  const read = readFile(kind, text);
  if (read.state === "unreadable") return read;
  const work = () =>
    inTenant(async (tx): Promise<ImportOutcome> => {
      const { added, changed, ...plan } = await planRows(tx, tenantId, kind, read.rows);
      if (plan.counts.error > 0) return { state: "has_errors", plan };
      if (plan.version !== version) return { state: "stale", plan };
      await insertImported(tx, tenantId, kind, added);
      await updateImported(tx, tenantId, kind, changed);
      const details = { kind, created: added.length, changed: changed.length, lines: plan.rows.length };
      await audit(tx, { action: "client.imported", details });
      return { state: "imported", plan };
    });
  const key = kind === "client" ? "clients_active_name_key" : partNameKeys[kind];
  return onUniqueViolation<ImportOutcome>(key, work, () => ({ state: "taken" }));
}
