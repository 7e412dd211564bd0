import type { ConnectionRef } from "@domain/refs";
import { changeCustomFieldSchedule } from "~/features/custom-fields/change-schedule.server";
import { readCustomFields } from "~/features/custom-fields/read-values";
import type { App } from "~/platform/app.server";

/** Above this number of devices, one call per device takes longer than anybody waits for a demo to start. */
const MOST_DEVICES = 5_000;

const DEMO = { userId: null, name: "the demo", ip: null };

/**
 * Sets custom fields to be read weekly, and reads them at once, as fast as the simulator answers.
 * @returns false, without reading, if there are more than MOST_DEVICES
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
