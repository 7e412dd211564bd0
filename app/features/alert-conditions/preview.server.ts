import type { TenantDb } from "@db/client";
import { listClientNames } from "@db/queries/clients/clients";
import { listSubjectsSince } from "@db/queries/incidents/device-alerts";

const PREVIEW_DAYS = 30;
const PREVIEW_INCIDENTS = 5_000;
const PREVIEW_SHOWN = 20;

type Subject = Awaited<ReturnType<typeof listSubjectsSince>>[number];

/** The incidents that the preview of a window or a rule tries: the latest of the last 30 days. */
export async function readPreviewSubjects(tx: TenantDb, tenantId: string, now: Date) {
  const since = new Date(now.getTime() - PREVIEW_DAYS * 86_400_000);
  return { since, subjects: await listSubjectsSince(tx, tenantId, since, PREVIEW_INCIDENTS) };
}

/** The result of a preview: the number of matching incidents among those tried, and the latest ones in detail. */
export async function previewOf(
  tx: TenantDb,
  tenantId: string,
  subjects: readonly Subject[],
  found: readonly Subject[],
) {
  const clients = namesOf(await listClientNames(tx, tenantId, { withArchived: true }));
  return {
    found: found.length,
    of: subjects.length,
    isCapped: subjects.length === PREVIEW_INCIDENTS,
    incidents: found.slice(0, PREVIEW_SHOWN).map(({ incidentId, name, severity, clientId, openedMs }) => ({
      id: incidentId,
      name,
      severity,
      client: clients.get(clientId ?? "") ?? null,
      openedAt: new Date(openedMs),
    })),
  };
}

/** Names by their ids. */
export const namesOf = (rows: readonly { id: string; name: string }[]) =>
  new Map(rows.map(({ id, name }) => [id, name]));
