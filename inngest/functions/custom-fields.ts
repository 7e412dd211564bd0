import type { Inngest } from "inngest";

import { listConnectionsToRead } from "~/features/custom-fields/connections-to-read";
import { readCustomFields } from "~/features/custom-fields/read-values";
import type { SyncDeps } from "~/platform/ports";

import { eachInTurn } from "./steps";

/** Each minute: reads custom fields of the connections where they are due, up to a limit of devices each. */
export const createCustomFieldsFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-custom-fields",
      triggers: [{ cron: "* * * * *" }],
      retries: 1,
      singleton: { mode: "skip" },
      timeouts: { finish: "15m" },
    },
    async ({ step }) => {
      const due = await step.run("list-due", () => listConnectionsToRead(deps));
      return eachInTurn(
        step,
        Object.fromEntries(
          due.map((ref) => [`read-${ref.connectionId}`, () => readCustomFields(deps, ref)] as const),
        ),
      );
    },
  );
