import type { Inngest } from "inngest";

import { resolveDueIncidents } from "~/features/incidents/resolve-in-rmm.server";
import type { SyncDeps } from "~/platform/ports";

import { incidentsDue } from "../events";
import { sendingOptions } from "./sending-options";

/** Resolves alerts in the RMM for incidents whose person or rule requests it: soon after, and when it is due again. */
export const createResolutionsFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-resolutions", triggers: [incidentsDue, { cron: "* * * * *" }], ...sendingOptions },
    async ({ step }) => ({ attempts: await step.run("resolve", () => resolveDueIncidents(deps)) }),
  );
