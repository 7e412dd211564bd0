import { listTenants } from "@db/queries/connections/connections";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { App } from "~/platform/app.server";
import { connect } from "~/features/connections/connect.server";
import type { Actor } from "@domain/actor";
import type { ConnectionRef } from "@domain/refs";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync, type SyncRequest } from "~/features/sync-engine/request-sync";

import { createProgress, followRun } from "../../cli/follow-run";
import { countOf, write } from "../../cli/output";

/** The administrator of the demo and of `npm run dev`. */
export const ADMIN = { email: "admin@example.com", password: "plumbline-demo" };

const ACTOR: Actor = { userId: null, name: "demo", ip: null };

/** The ended runs of a filled world, and the number of clients that its mapping made. */
export interface FilledWorld {
  ref: ConnectionRef;
  groups: RunRow;
  full: RunRow;
  alerts: RunRow;
  clients: number;
}

/**
 * Connects the simulated account to the app's first tenant, maps each top-level group to a client of its own, and syncs
 * devices, updates and alerts through the runner, showing progress.
 * @throws if the account refuses the key, has no groups, or a sync fails
 */
export async function fillWorld(app: App, apiKey: string): Promise<FilledWorld> {
  const [tenant] = await listTenants(app.db);
  const tenantId = tenant!.id;
  const connected = await connect(app.sync, {
    tenantId,
    provider: "levelio",
    label: "Level (simulated)",
    apiKey,
    actor: ACTOR,
  });
  if (connected.state !== "saved") throw new Error(`Not connected: ${connected.state}`);
  const ref = { tenantId, connectionId: connected.integration.id };
  const run = (type: SyncRequest["type"]) =>
    runSync(app, { ...ref, type, trigger: "cli", actor: ACTOR.name });

  const groups = await run("organizations");
  const mapped = await mapTopLevelGroups(app.sync, ref, ACTOR);
  if (mapped.state !== "mapped") throw new Error("No groups were found.");
  write(
    `Connected; ${countOf(groups.itemsSeen, "group")} found; ${countOf(mapped.clientsCreated, "client")} made and mapped`,
  );
  const full = await run("full");
  return { ref, groups, full, alerts: await run("alerts"), clients: mapped.clientsCreated };
}

/** Requests a sync as the web app does, and shows the progress of the durable functions until it has ended. */
async function runSync(app: App, request: SyncRequest): Promise<RunRow> {
  const outcome = await requestSync(app.sync, request);
  // The schedule may have requested the same sync a moment ago; then this one joins it.
  if (outcome.state !== "queued" && outcome.state !== "joined")
    throw new Error(`${request.type} sync: ${outcome.state}`);
  const progress = createProgress(process.stderr, app.clock);
  const ended = await followRun(app, outcome.run, (run) => progress.show(run));
  progress.end();
  if (ended.status === "failed") throw new Error(`${request.type} sync failed: ${ended.errorMessage}`);
  return ended;
}
