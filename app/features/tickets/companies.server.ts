import { parse } from "csv-parse/sync";
import * as z from "zod";

import { withTenant, type Db } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { listClientCompanies, setClientCompanies } from "@db/queries/tickets/companies";
import { getTicketSystem } from "@db/queries/tickets/systems";
import type { Actor } from "@domain/actor";
import { foldText } from "@domain/text";
import { delimiterOf, fromHarmless } from "~/platform/http/csv.server";

import { openAdapter, type TicketDeps } from "./open-adapter";
import type { TicketCompany } from "./ticket-port";

interface SystemRef {
  tenantId: string;
  systemId: string;
}

const MAX_ROWS = 10_000;
/** An id of a company, without quotes and brackets, because a template may put it into JSON as a number. */
const companyId = z
  .string()
  .trim()
  .max(100, "An id has 100 characters at most.")
  .refine((text) => !/["\\{}[\],\p{Cc}]/u.test(text), "An id has no quotes, commas or brackets.");

/** A ticket system with the clients and their ids there; null if there is no such system. */
export const readCompanies = (db: Db, ref: SystemRef) =>
  withTenant(db, ref.tenantId, async (tx) => {
    const system = await getTicketSystem(tx, ref.tenantId, ref.systemId);
    if (system === undefined) return null;
    const { body } = (system.config["open"] ?? {}) as { body?: unknown };
    return {
      label: system.label,
      /** Whether the system's requests contain the id; e-mails do not. */
      isUsed: typeof body === "string" && body.includes("client.companyId"),
      clients: await listClientCompanies(tx, ref),
    };
  });

export type CompaniesPage = NonNullable<Awaited<ReturnType<typeof readCompanies>>>;

type Rows = { clientId: string; companyId: string }[];
export type ReadRows = { ok: true; rows: Rows } | { ok: false; problem: string };

/** The ids in the form: a field `company:<client>` for each. */
export function rowsOfForm(form: FormData): ReadRows {
  const rows: Rows = [];
  for (const [name, value] of form) {
    const clientId = /^company:([0-9a-f-]{36})$/.exec(name)?.[1];
    if (clientId === undefined || !z.uuid().safeParse(clientId).success) continue;
    const parsed = companyId.safeParse(value);
    if (!parsed.success) return { ok: false, problem: parsed.error.issues[0]!.message };
    rows.push({ clientId, companyId: parsed.data });
  }
  return { ok: true, rows };
}

/** The ids in a CSV with the columns `client` and `company_id`. Returns all of them, or the errors. */
export function rowsOfCsv(text: string, clients: readonly { id: string; name: string }[]): ReadRows {
  let records: unknown[];
  try {
    records = parse(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      delimiter: delimiterOf(text),
    });
  } catch (error) {
    return { ok: false, problem: `This cannot be read as CSV: ${(error as Error).message}.` };
  }
  if (records.length > MAX_ROWS) return { ok: false, problem: `At most ${MAX_ROWS} rows at a time.` };
  const ids = new Map(clients.map(({ id, name }) => [foldText(name), id]));
  const row = z.object({
    client: z.string(),
    company_id: z.string().transform(fromHarmless).pipe(companyId),
  });
  const rows: Rows = [];
  for (const [index, record] of records.entries()) {
    const parsed = row.safeParse(record);
    if (!parsed.success)
      return {
        ok: false,
        problem: `Row ${index + 1}: the columns are client and company_id. ${parsed.error.issues[0]!.message}`,
      };
    const clientId = ids.get(foldText(fromHarmless(parsed.data.client)));
    if (clientId === undefined)
      return {
        ok: false,
        problem: `Row ${index + 1}: there is no client called “${parsed.data.client.slice(0, 100)}”.`,
      };
    rows.push({ clientId, companyId: parsed.data.company_id });
  }
  return { ok: true, rows };
}

/** Sets the ids of clients in a ticket system. Returns whether there is such a system. */
export const saveCompanies = (db: Db, ref: SystemRef, rows: Rows, actor: Actor): Promise<boolean> =>
  withTenant(db, ref.tenantId, async (tx) => {
    const system = await getTicketSystem(tx, ref.tenantId, ref.systemId);
    if (system === undefined) return false;
    await setClientCompanies(tx, ref, rows);
    await audit(tx, ref.tenantId, actor, {
      action: "ticket_system.companies_changed",
      targetType: "ticket_system",
      targetId: ref.systemId,
      details: { label: system.label },
    });
    return true;
  });

/** Asks a ticket system for its companies. Returns undefined if there is no such system. */
export async function askForCompanies(
  deps: Pick<TicketDeps, "db" | "vault" | "exchange" | "tokens" | "mailer">,
  { tenantId, systemId }: SystemRef,
): Promise<
  { state: "listed"; companies: TicketCompany[] } | { state: "failed"; reason: string } | undefined
> {
  const system = await withTenant(deps.db, tenantId, (tx) => getTicketSystem(tx, tenantId, systemId));
  if (system === undefined) return undefined;
  const { kind, config, updatedAt } = system;
  const opened = await openAdapter(deps, {
    tenantId,
    systemId,
    kind,
    config,
    version: `list ${updatedAt.getTime()}`,
  });
  const outcome = opened.state === "open" ? await opened.adapter.companies() : opened;
  return outcome.state === "listed" ? outcome : { state: "failed", reason: outcome.reason };
}
