import type { ConnectionRef } from "@domain/refs";
import { changeCustomFieldSchedule } from "~/features/custom-fields/change-schedule.server";
import { readCustomFields } from "~/features/custom-fields/read-values";
import type { App } from "~/platform/app.server";

/** In a larger fleet a call for each device takes longer than anybody watches a demo begin. */
const MOST_DEVICES = 5_000;

const DEMO = { userId: null, name: "the demo", ip: null };

/**
 * Has the custom fields read weekly, and reads them now, as fast as the simulator answers.
 * @returns whether they were read: not in a large fleet
 */
export async function readAllCustomFields(app: App, ref: ConnectionRef, devices: number): Promise<boolean> {
  if (devices > MOST_DEVICES) return false;
  await changeCustomFieldSchedule(app.sync, ref, "weekly", DEMO);
  for (;;) {
    const { state } = await readCustomFields(app.sync, ref, Infinity);
    if (state === "done") return true;
    if (state !== "more") throw new Error(`custom fields: ${state}`);
  }
}
