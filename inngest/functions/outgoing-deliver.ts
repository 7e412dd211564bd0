import type { Inngest } from "inngest";

import { outgoingDue } from "../events";
import { sendingOptions } from "./sending-options";

/** Sends the events that subscribers wait for: soon after they happened, and those that are due to be tried again. */
export const createOutgoingFunction = (client: Inngest, deliver: () => Promise<number>) =>
  client.createFunction(
    { id: "rmm-outgoing", triggers: [outgoingDue, { cron: "* * * * *" }], ...sendingOptions },
    async ({ step }) => ({ attempts: await step.run("deliver", deliver) }),
  );
