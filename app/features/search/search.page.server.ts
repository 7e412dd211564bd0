import { readAtOnce, type Db } from "@db/client";
import {
  searchAlerts,
  searchAssets,
  searchClients,
  searchGroups,
  searchRuns,
} from "@db/queries/search/search";
import { allows, type Permission, type Role } from "@domain/permissions";
import { runStatuses, syncTypes } from "@domain/sync-words";
import { foldText } from "@domain/text";
import { runStatusLabels, severityLabels, syncTypeLabels } from "~/ui/labels";
import { mappingPath } from "~/ui/paths";

import type { FoundKind, SearchHit, SearchResult } from "./search-result";

/** The most matches of each kind. To see more, a person types more or opens the list. */
const EACH = 5;

/** The fewest characters by which a day or the beginning of an id identifies anything. */
const MIN_LETTERS = 2;

const permissionOf: Record<FoundKind, Permission> = {
  clients: "clients:read",
  assets: "assets:read",
  alerts: "alerts:read",
  groups: "integrations:read",
  runs: "runs:read",
};

/** The records that match the text and that a role may see. At most five statements; none for a single ASCII letter. */
export async function searchEverywhere(
  db: Db,
  tenantId: string,
  role: Role,
  text: string,
): Promise<SearchResult> {
  const none: SearchResult = { clients: [], assets: [], alerts: [], groups: [], runs: [] };
  if (text.length < MIN_LETTERS && /^[\0-\x7f]*$/.test(text)) return none;
  const may = (kind: FoundKind) => allows(role, permissionOf[kind]);
  // Searching alerts takes as long as searching everything else.
  const { alerts, others } = await readAtOnce(db, tenantId, {
    alerts: async (tx) => (may("alerts") ? (await searchAlerts(tx, tenantId, text, EACH)).map(alertHit) : []),
    others: async (tx) => ({
      clients: may("clients") ? (await searchClients(tx, tenantId, text, EACH)).map(clientHit) : [],
      assets: may("assets") ? (await searchAssets(tx, tenantId, text, EACH)).map(assetHit) : [],
      groups: may("groups") ? (await searchGroups(tx, tenantId, text, EACH)).map(groupHit) : [],
      runs: may("runs") ? (await searchRuns(tx, tenantId, text, runWords(text), EACH)).map(runHit) : [],
    }),
  });
  return { alerts, ...others };
}

type Row<Find extends (...args: never[]) => Promise<unknown[]>> = Awaited<ReturnType<Find>>[number];

/** The parts that have a value, as one line. */
const line = (...parts: (string | null | false)[]): string =>
  parts.filter((part) => part !== null && part !== false && part !== "").join(" · ");

const clientHit = ({ id, name, isArchived }: Row<typeof searchClients>): SearchHit => ({
  id,
  title: name,
  detail: isArchived ? "Archived" : "",
  to: `/clients/${id}`,
});

const assetHit = (asset: Row<typeof searchAssets>): SearchHit => ({
  id: asset.id,
  title: asset.name,
  detail: line(
    asset.client ?? "No client",
    asset.status === "gone" && "Gone",
    asset.status === "retired" && "Retired",
    asset.hostname !== asset.name && asset.hostname,
    asset.serialNumber,
  ),
  to: `/assets/${asset.id}`,
});

const alertHit = ({ id, name, device, severity, isActive }: Row<typeof searchAlerts>): SearchHit => ({
  id,
  title: name,
  detail: line(severityLabels[severity].text, device, isActive ? "Active" : "Resolved"),
  to: `/alerts/${id}`,
});

const groupHit = (group: Row<typeof searchGroups>): SearchHit => ({
  id: group.id,
  title: group.name,
  detail: line(group.path !== group.name && group.path, group.connection, group.client),
  to: `${mappingPath({ provider: group.provider, id: group.connectionId })}?q=${encodeURIComponent(group.name)}`,
});

const runHit = ({ id, type, status, connection, requestedAt }: Row<typeof searchRuns>): SearchHit => ({
  id,
  title: `${syncTypeLabels[type]}, ${runStatusLabels[status].text.toLowerCase()}`,
  detail: connection,
  at: requestedAt,
  to: `/runs/${id}`,
});

/** The kinds and statuses of runs whose label contains the text. */
function runWords(text: string) {
  const wanted = foldText(text);
  const fits = (label: string) => foldText(label).includes(wanted);
  return {
    types: syncTypes.filter((type) => fits(syncTypeLabels[type])),
    statuses: runStatuses.filter((status) => fits(runStatusLabels[status].text)),
  };
}
