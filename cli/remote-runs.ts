import type { RunRow } from "@db/queries/sync-runs/runs";

import { untilEnded, type PrintedRun } from "./follow-run";
import { remoteConnection, type Remote } from "./remote";

/** A run in a list. */
export type ListedRun = PrintedRun &
  Pick<RunRow, "itemsCreated" | "itemsUpdated" | "itemsSkipped" | "itemsGone" | "itemsHeld" | "itemsFailed">;

/** As the API gives it. */
interface ApiRun extends Pick<
  RunRow,
  | "id"
  | "type"
  | "status"
  | "trigger"
  | "actor"
  | "waitingReason"
  | "stage"
  | "pages"
  | "steps"
  | "requests"
  | "retries"
  | "rateLimitedMs"
  | "expectedItems"
  | "degraded"
> {
  requestedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  waitingUntil: string | null;
  pendingUpdates: number | null;
  resources: RunRow["summary"];
  items: Record<"seen" | "created" | "updated" | "skipped" | "failed" | "gone" | "held", number>;
  error: { code: string | null; message: string; hint: string | null } | null;
}

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

function toShown({ items, resources, pendingUpdates, error, ...run }: ApiRun): ListedRun {
  return {
    ...run,
    requestedAt: new Date(run.requestedAt),
    startedAt: instant(run.startedAt),
    endedAt: instant(run.endedAt),
    waitingUntil: instant(run.waitingUntil),
    pendingPatches: pendingUpdates,
    summary: resources,
    itemsSeen: items.seen,
    itemsCreated: items.created,
    itemsUpdated: items.updated,
    itemsSkipped: items.skipped,
    itemsGone: items.gone,
    itemsHeld: items.held,
    itemsFailed: items.failed,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    errorHint: error?.hint ?? null,
  };
}

/** The last runs, newest first. */
export const listRemoteRuns = async (server: Remote, limit: number): Promise<ListedRun[]> =>
  (await server.list<ApiRun>("/runs", limit)).map(toShown);

export const cancelRemoteRun = async (server: Remote, runId: string): Promise<PrintedRun> =>
  toShown(await server.send<ApiRun>("POST", `/runs/${runId}/cancel`));

/** Starts a sync of the connection with this name or id, or of the only one. */
export async function startRemoteSync(
  server: Remote,
  connection: string | undefined,
  type: RunRow["type"],
): Promise<{ run: PrintedRun; joined: boolean }> {
  const { id } = await remoteConnection(server, connection);
  const { joined, ...run } = await server.send<ApiRun & { joined: boolean }>(
    "POST",
    `/connections/${id}/runs`,
    { type },
  );
  return { run: toShown(run), joined };
}

/** Well below the limit of a token, 600 requests a minute. */
const POLL_MS = 1_000;

/** Follows a run until it has ended and reports each state. */
export const followRemoteRun = (
  server: Remote,
  { id }: PrintedRun,
  onProgress: (run: PrintedRun) => void,
): Promise<PrintedRun> =>
  untilEnded(async () => toShown(await server.get<ApiRun>(`/runs/${id}`)), POLL_MS, onProgress);
