import { withTenant, type Db } from "@db/client";
import { readTargetNames, type TargetNames } from "@db/queries/audit/audit-targets";
import { listAudit, listAuditActions, type AuditFilter } from "@db/queries/audit/audit";

import { dayBounds } from "~/platform/http/day.server";
import { searchText } from "~/platform/http/paging";

import { sentenceOf } from "./audit-sentences";

const AUDIT_PAGE_SIZE = 100;

/** The filter. `action` is an action or its subject: `client` matches `client.renamed`. */
export interface AuditSearch extends Omit<AuditFilter, "actions"> {
  action?: string;
}

/**
 * The log's filters in an address.
 * @param zone the time zone of the filter's days
 */
export function auditSearch(params: URLSearchParams, zone: string) {
  const text = searchText(params);
  const action = searchText(params, "action");
  const from = dayBounds(params.get("from"), zone)?.start;
  const to = dayBounds(params.get("to"), zone)?.end;
  const filter: AuditSearch = {
    ...(text === undefined ? {} : { text }),
    ...(action === undefined ? {} : { action }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const values = {
    q: text ?? "",
    action: action ?? "",
    from: from === undefined ? "" : params.get("from")!,
    to: to === undefined ? "" : params.get("to")!,
  };
  return { filter, values };
}

const chosenOf = ({ action, ...filter }: AuditSearch, actions: readonly string[]): AuditFilter => {
  // Full names of actions, so that the query uses an index.
  const wanted = actions.filter((name) => name === action || name.startsWith(`${action}.`));
  return { ...filter, ...(action !== undefined && { actions: wanted }) };
};

/** Entries after the given one, for a download. */
export const readAuditBatch = (
  db: Db,
  tenantId: string,
  search: AuditSearch,
  { before, limit }: { before: string | undefined; limit: number },
) =>
  withTenant(db, tenantId, async (tx) =>
    listAudit(tx, tenantId, chosenOf(search, await listAuditActions(tx, tenantId)), {
      limit,
      ...(before !== undefined && { before }),
    }),
  );

/** A page of the log before the entry `before`, newest first, with the actions to choose from. Three statements. */
export async function readAudit(db: Db, tenantId: string, search: AuditSearch, before: string | undefined) {
  return withTenant(db, tenantId, async (tx) => {
    const actions = await listAuditActions(tx, tenantId);
    const rows = await listAudit(tx, tenantId, chosenOf(search, actions), {
      limit: AUDIT_PAGE_SIZE + 1,
      ...(before === undefined ? {} : { before }),
    });
    const page = rows.slice(0, AUDIT_PAGE_SIZE);
    const names = await readTargetNames(
      tx,
      tenantId,
      page.flatMap(({ targetType, targetId }) =>
        targetType !== null && named.has(targetType) && isUuid(targetId) ? [targetId] : [],
      ),
    );
    const entries = page.map(({ tenantId: _tenantId, details, ...entry }) => ({
      ...entry,
      ...sentenceWithTarget(entry, details, names),
      details: Object.entries(details).map(([name, value]) => ({
        name,
        value: shown(value),
        isStructured: typeof value === "object" && value !== null,
      })),
    }));
    return {
      entries,
      next: rows.length > AUDIT_PAGE_SIZE ? (entries.at(-1)?.id ?? null) : null,
      actions,
    };
  });
}

/** The pages of targets. There is one kind of RMM. */
const pages: Record<string, string> = {
  client: "/clients/",
  asset: "/assets/",
  alert: "/alerts/",
  incident: "/alerts/incidents/",
  run: "/runs/",
  integration: "/settings/integrations/levelio/",
};
const named = new Set(["client", "asset", "alert", "incident", "integration"]);
const isUuid = (id: string | null): id is string => id !== null && /^[0-9a-f-]{36}$/i.test(id);
const words: Record<string, string> = { run: "a sync run", integration: "connection" };

/** An entry as a sentence. Its target has its current name; a deleted target has its last one. */
function sentenceWithTarget(
  { action, targetType, targetId }: { action: string; targetType: string | null; targetId: string | null },
  details: Record<string, unknown>,
  names: TargetNames,
) {
  const [before, behind] = sentenceOf(action, details);
  const sentence = { before, behind: behind ?? "" };
  if (behind === undefined || targetType === null || targetId === null) return { sentence, target: null };
  const page = pages[targetType];
  if (page === undefined) return { sentence, target: { name: targetId, path: null } };
  const path = page + targetId;
  if (targetType === "run") return { sentence, target: { name: words["run"]!, path } };
  const today = names.get(targetId);
  if (today !== undefined) return { sentence, target: { name: today, path } };
  const former = ["name", "label", "asset", "from"]
    .map((key) => details[key])
    .find((value): value is string => typeof value === "string");
  if (former !== undefined) return { sentence, target: { name: former, path: null } };
  const kind = words[targetType] ?? targetType;
  const withoutKind = { ...sentence, before: before.replace(`the ${kind} `, "") };
  return { sentence: withoutKind, target: { name: `a deleted ${kind}`, path: null } };
}

export type AuditEntryRow = Awaited<ReturnType<typeof readAudit>>["entries"][number];

/** The most characters of details: a change of 2,000 groups is too long for a page, and the log keeps all of it. */
const MAX_SHOWN = 4_000;

const shown = (value: unknown): string => {
  if (value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};
