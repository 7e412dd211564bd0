import type { Inngest } from "inngest";

/**
 * Each minute: relays what the outbox still holds. Events go out right after their commit; this is the net for those
 * that a crash or an unreachable server left behind.
 */
export const createRelayFunction = (client: Inngest, relay: () => Promise<number>) =>
  client.createFunction(
    {
      id: "rmm-events-relay",
      triggers: [{ cron: "* * * * *" }],
      retries: 0,
      singleton: { mode: "skip" },
      timeouts: { finish: "10m" },
    },
    async ({ step }) => ({ relayed: await step.run("relay", relay) }),
  );
