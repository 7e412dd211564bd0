import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { requestSync } from "~/features/sync-engine/request-sync";

import { Random } from "../level-simulator/random";
import { endOfSync, startSyncProcess } from "./kill-points";
import { openOwnCluster, type OwnCluster } from "./own-cluster";
import { deferSchedules } from "./schedule";
import { mountSmallDisk, type SmallDisk } from "./small-disk";
import { createSyncWorld, TEST_APP_SECRET } from "./sync";

/** The kind of outage while a sync writes. */
export type Outage = "server_stopped" | "no_slots" | "disk_full";

interface OutageOutcome {
  status: string;
  rows: Record<string, unknown>[];
  outages: number;
}

/** Megabytes; little more than the cluster's disk needs for a sync. */
const DISK_MB = 320;

export const canFillDisk = (): boolean => {
  const disk = mountSmallDisk(1);
  disk?.close();
  return disk !== undefined;
};

/**
 * Runs a full sync in a process of its own, takes its database away `times` times at random instants and brings it
 * back; returns the outcome.
 */
export async function syncThroughOutages(
  outage: Outage,
  { seed, times, devices }: { seed: number; times: number; devices: number },
): Promise<OutageOutcome> {
  const disk = outage === "disk_full" ? mountSmallDisk(DISK_MB) : undefined;
  const cluster = await openOwnCluster(disk?.folder);
  const { database } = cluster;
  const world = await createSyncWorld({ devices, seed: 29, latencyMs: 8, alerts: 0, database });
  let child: ChildProcess | undefined;
  try {
    await world.sync("organizations");
    await world.mapAll();
    await deferSchedules(database.db);
    const { tenantId, connectionId, deps, simulator } = world;
    const request = { tenantId, connectionId, type: "full", trigger: "manual", actor: "test" } as const;
    await requestSync({ ...deps, transport: "inngest" }, request);
    const random = new Random(seed, outage);
    child = startSyncProcess({
      LEVELIO_API_BASE_URL: simulator.url,
      APP_SECRET: TEST_APP_SECRET,
      DATABASE_URL: database.url,
    });
    const status = endOfSync(child);
    let outages = 0;
    for (; outages < times && child.exitCode === null; outages++) {
      let forget = () => {};
      const reached = new Promise<void>((resolve) => {
        const resource = random.chance(0.5) ? "devices" : "updates";
        forget = simulator.faults.afterPage(resource, random.int(1, 3), () => resolve());
      });
      await Promise.race([reached, once(child, "exit")]);
      forget();
      if (child.exitCode !== null) break;
      await sleep(random.int(0, 39));
      await undergo(outage, cluster, disk, random.int(200, 1_500));
    }
    return {
      status: await status,
      rows: [...(await world.deviceRows()), ...(await world.updateRows())],
      outages,
    };
  } finally {
    child?.kill("SIGKILL");
    await world.close();
    disk?.close();
  }
}

async function undergo(
  outage: Outage,
  { server, limitSessions }: OwnCluster,
  disk: SmallDisk | undefined,
  forMs: number,
): Promise<void> {
  switch (outage) {
    case "server_stopped":
      await server.halt();
      await sleep(forMs);
      return server.start();
    case "no_slots":
      await limitSessions(0);
      await sleep(forMs);
      return limitSessions(-1);
    case "disk_full":
      disk!.fill();
      await sleep(forMs);
      disk!.makeRoom();
      // A server without room for its log ends, and starts again only once there is room.
      return server.start();
  }
}

/** The rows of the same account after a sync that nothing disturbed. */
export async function undisturbedRows(devices: number): Promise<Record<string, unknown>[]> {
  const world = await createSyncWorld({ devices, seed: 29, alerts: 0 });
  try {
    await world.sync("organizations");
    await world.mapAll();
    await world.sync("full");
    return [...(await world.deviceRows()), ...(await world.updateRows())];
  } finally {
    await world.close();
  }
}
