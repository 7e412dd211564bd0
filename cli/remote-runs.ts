import type { RunRow } from "@db/queries/sync-runs/runs";

import type { PlannedChange } from "~/features/sync-runs/plan-labels";
import type { AppliedPlan } from "~/features/sync-runs/run-plan";

import { untilEnded, type PrintedRun } from "./follow-run";
import { remoteConnection, type Remote } from "./remote";

/** A run as lists show it. */
export type ListedRun = PrintedRun &
  Pick<RunRow, "itemsCreated" | "itemsUpdated" | "itemsSkipped" | "itemsGone" | "itemsHeld" | "itemsFailed">;

/** A run as the API returns it. */
interface ApiRun extends Pick<
  RunRow,
  | "id"
  | "connectionId"
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

/** Cancels a run. Returns it. */
export const cancelRemoteRun = async (server: Remote, runId: string): Promise<PrintedRun> =>
  toShown(await server.send<ApiRun>("POST", `/runs/${runId}/cancel`));

/** Confirms the missing devices of a run. Returns the number of devices marked as gone. */
export const confirmRemoteRun = (server: Remote, runId: string): Promise<{ gone: number }> =>
  server.send("POST", `/runs/${runId}/confirm`);

/** A device in the plan of a dry run. */
export interface PrintedDevice extends PlannedChange {
  externalId: string;
  name: string;
  assetId: string | null;
}

/** The devices in the plan of a dry run. */
export const listRemotePlan = (server: Remote, runId: string): Promise<PrintedDevice[]> =>
  server.list(`/runs/${runId}/plan/devices`);

/** What a dry run planned, and how a run differed from the dry run that it applied. */
export const readRemotePlan = (server: Remote, { id }: PrintedRun): Promise<AppliedPlan> =>
  server.get(`/runs/${id}/plan`);

/**
 * A sync of the connection with this name or id, or of the only one. Applying a dry run uses the connection of the dry
 * run.
 */
type RemoteSync =
  | { type: RunRow["type"]; device: string | undefined; connection: string | undefined }
  | { type: "full"; appliesRunId: string };

/** Starts a sync, or joins the one of its kind that is running. */
export async function startRemoteSync(
  server: Remote,
  sync: RemoteSync,
): Promise<{ run: PrintedRun; joined: boolean }> {
  const isApplied = "appliesRunId" in sync;
  const connectionId = isApplied
    ? (await server.get<ApiRun>(`/runs/${sync.appliesRunId}`)).connectionId
    : (await remoteConnection(server, sync.connection)).id;
  const { joined, ...run } = await server.send<ApiRun & { joined: boolean }>(
    "POST",
    `/connections/${connectionId}/runs`,
    isApplied ? sync : { type: sync.type, device: sync.device },
  );
  return { run: toShown(run), joined };
}

/** Milliseconds; well below a token's limit of 600 requests a minute. */
const POLL_MS = 1_000;

/** Follows a run until it has ended and reports each state. */
export const followRemoteRun = (
  server: Remote,
  { id }: PrintedRun,
  onProgress: (run: PrintedRun) => void,
): Promise<PrintedRun> =>
  untilEnded(async () => toShown(await server.get<ApiRun>(`/runs/${id}`)), POLL_MS, onProgress);
