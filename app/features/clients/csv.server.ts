import { CsvError, parse } from "csv-parse/sync";
import { v7 as uuidv7 } from "uuid";

import { importClients } from "@db/queries/clients/clients";
import { foldText } from "@domain/text";
import type { Context } from "~/auth/guard.server";
import { delimiterOf, fromHarmless } from "~/platform/http/csv.server";

import { clientForm } from "./forms.server";

export interface ImportReport {
  created: number;
  /** Names that were there already, or stood twice in the file. */
  existing: number;
  /** Lines that could not be used: number in the file, and why. At most 20 are told. */
  refused: { line: number; reason: string }[];
  refusedTotal: number;
}

export type ImportOutcome =
  { state: "imported"; report: ImportReport } | { state: "unreadable"; reason: string };

const MAX_TOLD = 20;

interface ParsedLine {
  info: { lines: number };
  record: Record<string, string>;
}

/** Makes a client for each line with a new name. A bad line costs that line. */
export async function importClientsCsv(
  { tenantId, inTenant, audit }: Pick<Context, "tenantId" | "inTenant" | "audit">,
  text: string,
): Promise<ImportOutcome> {
  let lines: ParsedLine[];
  try {
    lines = parse(text, {
      bom: true,
      columns: (header: string[]) => header.map((cell) => cell.trim().toLowerCase()),
      skip_empty_lines: true,
      relax_column_count: true,
      trim: true,
      info: true,
      delimiter: delimiterOf(text),
    }) as unknown as ParsedLine[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { state: "unreadable", reason: error.message };
  }
  const [first] = lines;
  if (first === undefined) return { state: "unreadable", reason: "The file has no line below its header." };
  if (!("name" in first.record)) {
    return {
      state: "unreadable",
      reason: "The first line must name the columns: “name”, and if you like “notes”.",
    };
  }
  const rows = new Map<string, { id: string; name: string; notes: string | null }>();
  const refused: ImportReport["refused"] = [];
  for (const { info, record } of lines) {
    const parsed = clientForm.safeParse({
      name: fromHarmless(record["name"] ?? ""),
      notes: fromHarmless(record["notes"] ?? ""),
    });
    if (parsed.success) {
      const key = foldText(parsed.data.name);
      if (!rows.has(key)) rows.set(key, { id: uuidv7(), ...parsed.data });
    } else
      refused.push({ line: info.lines, reason: parsed.error.issues[0]?.message ?? "It cannot be used." });
  }
  const created = await inTenant(async (tx) => {
    const names = await importClients(tx, tenantId, [...rows.values()]);
    await audit(tx, { action: "client.imported", details: { created: names.length, lines: lines.length } });
    return names.length;
  });
  return {
    state: "imported",
    report: {
      created,
      existing: lines.length - refused.length - created,
      refused: refused.slice(0, MAX_TOLD),
      refusedTotal: refused.length,
    },
  };
}
