import * as z from "zod";

import {
  compareCounts,
  listLedgerEntries,
  listLedgerMonths,
  listLedgerSeries,
} from "@db/queries/device-ledger/ledger";
import { assetTypes } from "@domain/asset-words";
import { dayOf, ledgerReasons, monthOf, parseDay } from "@domain/device-ledger";

import { operation } from "../base/operation";
import { decodeCursor, page, pageOf, pageQuery } from "../base/paging";
import { clientFilter, clientOf, instantText, named, rawInstantOrNull } from "../base/shapes";

const day = z.iso
  .date()
  .refine((text) => parseDay(text) !== undefined, "Use a day from 2000 on.")
  .meta({ example: "2026-03-01" });
const counted = z.int().nonnegative();

const filters = { client: clientFilter, type: z.enum(assetTypes).optional() };
const period = {
  since: day.optional().meta({ description: "A day of UTC; the first of this month without it." }),
  until: day.optional().meta({ description: "A day of UTC, inclusive; today without it." }),
};

const countChange = z
  .object({
    client: named.nullable(),
    type: z.enum(assetTypes),
    before: counted.meta({ description: "At the end of the day before `since`." }),
    after: counted.meta({ description: "At the end of `until`." }),
    joined: counted,
    left: counted,
  })
  .meta({ id: "DeviceCount" });
const entry = z
  .object({
    id: z.int(),
    day,
    assetId: z.uuid(),
    name: z.string(),
    isStillThere: z.boolean().meta({ description: "Whether the asset can still be looked at." }),
    type: z.enum(assetTypes),
    client: named.nullable(),
    change: z.union([z.literal(1), z.literal(-1)]),
    reason: z.enum(ledgerReasons),
    otherClient: z
      .string()
      .nullable()
      .meta({ description: "Of a moved device: where it came from or went to." }),
  })
  .meta({ id: "DeviceCountChange" });
const point = z
  .object({ day, servers: counted, workstations: counted, updates: counted })
  .meta({ id: "DeviceCountDay" });
const month = z
  .object({
    month: z.string().meta({ example: "2026-03" }),
    days: counted.meta({ description: "How many of its days were counted." }),
    devices: counted.meta({ description: "At the end of the last of them." }),
    lockedBy: z.string().nullable(),
    lockedAt: instantText.nullable(),
  })
  .meta({ id: "DeviceCountMonth" });

const periodOf = (
  { since, until }: { since?: string | undefined; until?: string | undefined },
  now: Date,
) => {
  const last = until ?? dayOf(now);
  return { since: since ?? monthOf(last) ?? last, until: last };
};

/** The most months in the list: no tenant has been counted for longer. */
const MONTHS = 1200;

export const countOperations = [
  operation({
    id: "compareDeviceCounts",
    method: "GET",
    path: "/counts",
    tag: "Counts",
    summary: "The device count of each client and type at the ends of a period, and what changed between",
    scope: "read",
    permission: "clients:read",
    query: z.strictObject({ ...filters, ...period }),
    success: { status: 200, description: "All clients and types", schema: pageOf(countChange) },
    run: async ({ app, inTenant, tenantId }, { query }) => {
      const { client, type } = query;
      const rows = await inTenant((tx) =>
        compareCounts(tx, tenantId, periodOf(query, app.clock()), { clientId: client, type }),
      );
      const data = rows.map(({ assetType, before, after, joined, left, ...row }) => ({
        client: clientOf(row),
        type: assetType,
        before,
        after,
        joined,
        left,
      }));
      return { body: { data, next: null } };
    },
  }),
  operation({
    id: "listDeviceCountChanges",
    method: "GET",
    path: "/counts/changes",
    tag: "Counts",
    summary: "The devices behind the changes of the counts, the latest first",
    scope: "read",
    permission: "clients:read",
    query: pageQuery.extend({ ...filters, ...period }).strict(),
    success: { status: 200, description: "A page of changes", schema: pageOf(entry) },
    run: async ({ app, inTenant, tenantId }, { query }) => {
      const { client, type, limit, cursor } = query;
      const before = decodeCursor(z.tuple([z.int().positive()]), cursor)?.[0];
      const filter = { clientId: client, type };
      const slice = { before, limit: limit + 1 };
      const rows = await inTenant((tx) =>
        listLedgerEntries(tx, tenantId, periodOf(query, app.clock()), filter, slice),
      );
      return {
        body: page(
          rows,
          limit,
          (row) => ({
            id: row.id,
            day: row.day,
            assetId: row.assetId,
            name: row.name,
            isStillThere: row.exists,
            type: row.assetType,
            client: clientOf(row),
            change: row.change,
            reason: row.reason,
            otherClient: row.otherClient,
          }),
          ({ id }) => [id],
        ),
      };
    },
  }),
  operation({
    id: "listDeviceCountDays",
    method: "GET",
    path: "/counts/days",
    tag: "Counts",
    summary: "The counts of each counted day since a day",
    scope: "read",
    permission: "clients:read",
    query: z.strictObject({ ...filters, since: period.since }),
    success: { status: 200, description: "All days, the oldest first", schema: pageOf(point) },
    run: async ({ app, inTenant, tenantId }, { query }) => {
      const { client, type } = query;
      const { since } = periodOf(query, app.clock());
      const rows = await inTenant((tx) => listLedgerSeries(tx, tenantId, since, { clientId: client, type }));
      return {
        body: { data: rows.map(({ patches, ...row }) => ({ ...row, updates: patches })), next: null },
      };
    },
  }),
  operation({
    id: "listDeviceCountMonths",
    method: "GET",
    path: "/counts/months",
    tag: "Counts",
    summary: "The months with counted days, the latest first, and whether they are locked",
    scope: "read",
    permission: "clients:read",
    success: { status: 200, description: "All months", schema: pageOf(month) },
    run: async ({ inTenant, tenantId }) => {
      const rows = await inTenant((tx) => listLedgerMonths(tx, tenantId, MONTHS));
      const data = rows.map((row) => ({
        ...row,
        month: row.month.slice(0, 7),
        lockedAt: rawInstantOrNull(row.lockedAt),
      }));
      return { body: { data, next: null } };
    },
  }),
];
