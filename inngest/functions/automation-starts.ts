import type { Inngest } from "inngest";

import { incidentsDue } from "../events";
import { sendingOptions } from "./sending-options";

/** Starts the automations that rules request: soon after, and when one is due again. */
export const createAutomationStartsFunction = (client: Inngest, start: () => Promise<number>) =>
  client.createFunction(
    { id: "rmm-automation-starts", triggers: [incidentsDue, { cron: "* * * * *" }], ...sendingOptions },
    async ({ step }) => ({ attempts: await step.run("start", start) }),
  );
