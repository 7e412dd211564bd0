import type { Inngest } from "inngest";

/** Each minute: sends the events that subscribers wait for, and those that are due to be tried again. */
export const createOutgoingFunction = (client: Inngest, deliver: () => Promise<number>) =>
  client.createFunction(
    { id: "rmm-outgoing", triggers: [{ cron: "* * * * *" }], retries: 0, singleton: { mode: "skip" } },
    async ({ step }) => ({ attempts: await step.run("deliver", deliver) }),
  );
