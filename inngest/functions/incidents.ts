import type { Inngest } from "inngest";

import { formIncidents } from "~/features/incidents/form-incidents";
import type { SyncDeps } from "~/platform/ports";

import { incidentsDue } from "../events";
import { sendingOptions } from "./sending-options";

/** Soon after alerts were recorded, and each minute: forms incidents, closes those that have stayed quiet, wakes snoozed ones. */
export const createIncidentsFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-incidents", triggers: [incidentsDue, { cron: "* * * * *" }], ...sendingOptions },
    async ({ step }) => ({ passes: await step.run("form", () => formIncidents(deps)) }),
  );
