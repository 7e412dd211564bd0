import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";
import { assetSorts } from "@db/queries/assets/asset-order";
import { clientSorts } from "@db/queries/clients/client-summaries";
import { patchDeviceSorts } from "@db/queries/patches/patch-devices";
import { patchSorts } from "@db/queries/patches/patch-list";
import { coverageKinds } from "@domain/coverage";
import { alertFilterOf, listAlerts } from "~/features/alerts/alerts.page.server";
import { historySearch, readChanges } from "~/features/asset-history/history.page.server";
import { assetSearch, readAssetBatch, readAssetList } from "~/features/assets/asset-list.page.server";
import { readAudit } from "~/features/audit/audit.page.server";
import {
  clientSearch,
  readClient,
  readClientOverview,
  readClients,
} from "~/features/clients/clients.page.server";
import { coverageSearch, readCoverage } from "~/features/coverage/coverage.page.server";
import { ledgerSearch, readLedger } from "~/features/device-ledger/ledger.page.server";
import { incidentSearch, readIncidents } from "~/features/incidents/incidents.page.server";
import { readOverview } from "~/features/overview/overview.page.server";
import {
  devicesOfPatchSearch,
  patchDeviceSearch,
  patchSearch,
  readPatch,
  readPatchDevices,
  readPatches,
} from "~/features/patches/patches.page.server";
import { searchEverywhere } from "~/features/search/search.page.server";
import { searchText } from "~/platform/http/paging";

import { inboxAddresses } from "./list-incidents";

/** One list as a person opens it: its page and that page's read model. */
export interface ListCase {
  list: string;
  address: string;
  tenantId: string;
  read: (db: Db) => Promise<unknown>;
}

/** Each sort of the asset list in both directions, each filter, each kind of search, and both ends of the list. */
const assetAddresses = (clientId: string): string[] => [
  ...assetSorts.flatMap((sort) => [`sort=${sort}`, `sort=${sort}&order=reverse`, `sort=${sort}&page=last`]),
  "page=700",
  `client=${clientId}`,
  `client=${clientId}&sort=seen`,
  "client=none",
  ...["online", "offline", "patches", "gone", "retired", "all"].map((state) => `state=${state}`),
  "type=server",
  "platform=macos&sort=patches",
  "system=10.0.22631",
  ...["endOfLife", "antivirus", "maintenance"].map((finding) => `finding=${finding}`),
  "unseen=30",
  "updates=10",
  "updates=90d",
  "alerts=critical",
  "disk=95",
  "tag=vip",
  "tag=tag 7&sort=seen",
  "special=overridden",
  "special=unmanaged",
  ...["desktop", "a1b", "10.1.2", "host-777.", "user42", "dell inc.", "nothing like it", "AA:BB:CC"].map(
    (text) => `q=${text}`,
  ),
  "q=laptop&sort=seen&order=reverse&state=online",
];

const patchFilters = (clientId: string): string[] => [
  "q=update 39",
  "q=nothing like it",
  `client=${clientId}`,
  "category=Security",
  "type=server",
  "age=30",
];

const bothWays = (sorts: readonly string[]): string[] =>
  sorts.flatMap((sort) => [`sort=${sort}`, `sort=${sort}&order=reverse`]);

/** Every list of a large company, with every parameter of its address. */
export async function listCases(db: Db, tenantId: string): Promise<ListCase[]> {
  const [ids] = await queryRows<{ client: string; asset: string; patch: string; run: string }>(
    db,
    sql`select (select id from clients where tenant_id = ${tenantId} order by id limit 1) as client,
          (select asset_id from rmm_alerts where tenant_id = ${tenantId} and asset_id is not null limit 1) as asset,
          (select patch_key from rmm_device_updates where tenant_id = ${tenantId} limit 1) as patch,
          (select run_id from asset_changes where tenant_id = ${tenantId} and run_id is not null limit 1) as run`,
  );
  const { client, asset, patch, run } = ids!;
  const now = new Date();
  const cases = (
    list: string,
    addresses: string[],
    read: (db: Db, params: URLSearchParams) => Promise<unknown>,
  ): ListCase[] =>
    addresses.map((address) => ({
      list,
      address,
      tenantId,
      read: (on) => read(on, new URLSearchParams(address)),
    }));
  return [
    ...cases("assets", assetAddresses(client), (on, params) =>
      readAssetList(on, tenantId, assetSearch(params)),
    ),
    ...cases("API assets", ["", "sort=seen", "q=desktop", "state=all&sort=client"], (on, params) =>
      readAssetBatch(on, tenantId, assetSearch(params), 200, undefined),
    ),
    ...cases("overview", [""], (on) => readOverview(on, tenantId, now)),
    ...cases("patches", [...bothWays(patchSorts), ...patchFilters(client)], (on, params) =>
      readPatches(on, tenantId, patchSearch(params), now),
    ),
    ...cases("patched devices", [...bothWays(patchDeviceSorts), ...patchFilters(client)], (on, params) =>
      readPatchDevices(on, tenantId, patchDeviceSearch(params), now),
    ),
    ...cases("devices of a patch", ["", "state=closed", "state=all", `client=${client}`], (on, params) =>
      readPatch(on, tenantId, patch, devicesOfPatchSearch(params), now),
    ),
    ...cases("incidents", inboxAddresses(client, asset), (on, params) =>
      readIncidents(on, tenantId, incidentSearch(params, tenantId)),
    ),
    ...cases(
      "alerts",
      ["", "state=all", "severity=critical", "q=cpu", "q=nothing like it", `client=${client}`],
      (on, params) => {
        const { filter, order, after } = alertFilterOf(params);
        return listAlerts(on, tenantId, filter, order, after, now);
      },
    ),
    ...cases("clients", [...bothWays(clientSorts), "q=client 77"], (on, params) =>
      readClients(on, tenantId, { text: searchText(params), archived: false }, clientSearch(params), now),
    ),
    ...cases("client", [""], async (on) => {
      await readClient(on, tenantId, client, now);
      await readClientOverview(on, tenantId, client, false, now);
    }),
    ...cases("coverage", [...coverageKinds.map((kind) => `kind=${kind}`), "q=desktop"], (on, params) =>
      readCoverage(on, tenantId, coverageSearch(params)),
    ),
    ...cases("device counts", ["", "since=2026-01-01", `client=${client}`], (on, params) =>
      readLedger(on, tenantId, ledgerSearch(params, now), now),
    ),
    ...cases("history of an asset", ["", "field=network"], (on, params) =>
      readChanges(on, tenantId, { assetId: asset }, historySearch(params)),
    ),
    ...cases("changes of a run", [""], (on, params) =>
      readChanges(on, tenantId, { runId: run }, historySearch(params)),
    ),
    ...cases("audit log", ["", "q=ada", "action=asset"], (on, params) =>
      readAudit(
        on,
        tenantId,
        Object.fromEntries(
          Object.entries({ text: searchText(params), action: searchText(params, "action") }).filter(
            ([, value]) => value !== undefined,
          ),
        ),
        undefined,
      ),
    ),
    ...cases("search", ["q=desktop", "q=client 77", "q=cpu", "q=nothing like it"], (on, params) =>
      searchEverywhere(on, tenantId, "admin", params.get("q")!),
    ),
  ];
}
