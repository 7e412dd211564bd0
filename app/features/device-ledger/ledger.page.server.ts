import { withTenant, type Db, type TenantDb } from "@db/client";
import { listClientNames } from "@db/queries/clients/clients";
import {
  compareCounts,
  listLedgerEntries,
  listLedgerMonths,
  listLedgerSeries,
  listNextDay,
  type LedgerFilter,
} from "@db/queries/device-ledger/ledger";
import { dayOf, monthOf, parseDay } from "@domain/device-ledger";
import { DAY_MS } from "@domain/durations";
import { isId } from "~/auth/guard.server";
import { oneOf } from "~/platform/http/paging";

export type { CountChange, LedgerEntry, LedgerMonth, LedgerPoint } from "@db/queries/device-ledger/ledger";

const PAGE_SIZE = 50;
const BATCH = 1000;
const MONTHS_SHOWN = 24;

/** The number of days that charts show. */
const SERIES_DAYS = 90;

const daysAgo = (now: Date, days: number) => dayOf(new Date(now.getTime() - days * DAY_MS));

/** The parameters in an address, by default those of this month's changes. Invalid ones count as absent. */
export function ledgerSearch(params: URLSearchParams, now: Date) {
  const client = params.get("client");
  const filter: LedgerFilter = {
    clientId: client === "none" || isId(client) ? client : undefined,
    type: oneOf(params, "type", ["", "workstation", "server"]) || undefined,
  };
  const today = dayOf(now);
  const since = parseDay(params.get("since")) ?? monthOf(today)!;
  const before = Number(params.get("before") ?? "");
  return {
    filter,
    since,
    until: today < since ? since : today,
    before: Number.isSafeInteger(before) && before > 0 ? before : undefined,
  };
}

type LedgerSearch = ReturnType<typeof ledgerSearch>;

/** The changes since a day, the counts over time, and the months. Five statements. */
export const readLedger = (db: Db, tenantId: string, search: LedgerSearch, now: Date) =>
  withTenant(db, tenantId, async (tx) => {
    const { filter, since, until, before } = search;
    const found = await listLedgerEntries(tx, tenantId, { since, until }, filter, {
      before,
      limit: PAGE_SIZE + 1,
    });
    const entries = found.slice(0, PAGE_SIZE);
    const counts = await compareCounts(tx, tenantId, { since, until }, filter);
    return {
      counts,
      entries,
      // Every device that joined or left is one change.
      total: counts.reduce((sum, { joined, left }) => sum + joined + left, 0),
      next: found.length > entries.length ? String(entries.at(-1)!.id) : null,
      series: await seriesOf(tx, tenantId, filter, now),
      months: await listLedgerMonths(tx, tenantId, MONTHS_SHOWN),
      clients: await listClientNames(tx, tenantId),
    };
  });

/** The counts of the last 90 days of a client and type, or of all. One statement. */
export const seriesOf = (tx: TenantDb, tenantId: string, { clientId, type }: LedgerFilter, now: Date) =>
  listLedgerSeries(tx, tenantId, daysAgo(now, SERIES_DAYS), { clientId, type });

/** The counts of the last 90 days of a client, or of all, in a transaction of its own. */
export const readSeries = (db: Db, tenantId: string, clientId: string | undefined, now: Date) =>
  withTenant(db, tenantId, (tx) => seriesOf(tx, tenantId, { clientId, type: undefined }, now));

/** The changes since a day for a file: each call returns the next batch. */
export function entryBatches(db: Db, tenantId: string, { filter, since, until }: LedgerSearch) {
  let before: number | undefined;
  return async () => {
    const rows = await withTenant(db, tenantId, (tx) =>
      listLedgerEntries(tx, tenantId, { since, until }, filter, { before, limit: BATCH }),
    );
    before = rows.at(-1)?.id ?? before;
    return rows;
  };
}

/** The counts of a month, day by day, for a file. */
export function dayBatches(db: Db, tenantId: string, month: string) {
  let after: string | undefined;
  return async () => {
    const rows = await withTenant(db, tenantId, (tx) => listNextDay(tx, tenantId, { month, after }));
    after = rows[0]?.day ?? after;
    return rows;
  };
}
