import type { Inngest } from "inngest";

import { notificationsDue } from "../events";
import { sendingOptions } from "./sending-options";

/** Sends the notifications that people wait for: soon after a change of state, and those that are due again. */
export const createNotificationsFunction = (client: Inngest, deliver: () => Promise<number>) =>
  client.createFunction(
    { id: "rmm-notifications", triggers: [notificationsDue, { cron: "* * * * *" }], ...sendingOptions },
    async ({ step }) => ({ attempts: await step.run("deliver", deliver) }),
  );
