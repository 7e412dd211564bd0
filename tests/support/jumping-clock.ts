import { Random } from "../level-simulator/random";
import { createDurableWorld } from "./durable";

const MAX_JUMP_MS = 30 * 3_600_000;

interface JumpOutcome {
  status: string;
  jumps: number;
  rows: Record<string, unknown>[];
}

/**
 * Runs a full sync by the durable functions while the clock jumps up to 30 hours forward or back at each of `jumps`
 * pages; 0 means no jump.
 */
export async function syncOnJumpingClock(devices: number, seed: number, jumps: number): Promise<JumpOutcome> {
  const random = new Random(seed, "clock");
  let aheadMs = 0;
  const durable = await createDurableWorld(
    { devices, seed: 41, alerts: 0 },
    { clock: () => new Date(Date.now() + aheadMs) },
  );
  const { world, request, ended } = durable;
  try {
    let done = 0;
    for (const resource of ["devices", "updates"] as const)
      world.simulator.faults.afterPage(resource, 0, () => {
        if (done >= jumps) return;
        done++;
        aheadMs = random.int(-MAX_JUMP_MS, MAX_JUMP_MS);
      });
    const run = await ended(await request("full"));
    return {
      status: run.status,
      jumps: done,
      rows: [...(await world.deviceRows()), ...(await world.updateRows())],
    };
  } finally {
    await durable.close();
  }
}
