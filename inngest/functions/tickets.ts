import type { Inngest } from "inngest";

import { incidentOpened, incidentResolved, incidentUpdated, ticketsDue } from "../events";
import { sendingOptions } from "./sending-options";

/** Opens, comments and closes tickets: soon after something happened to an incident, and what is due to be tried again. */
export const createTicketsFunction = (client: Inngest, deliver: () => Promise<number>) =>
  client.createFunction(
    {
      id: "rmm-tickets",
      triggers: [ticketsDue, incidentOpened, incidentUpdated, incidentResolved, { cron: "* * * * *" }],
      ...sendingOptions,
    },
    async ({ step }) => ({ attempts: await step.run("deliver", deliver) }),
  );
