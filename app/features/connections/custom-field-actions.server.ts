import * as z from "zod";

import { customFieldIntervals } from "@domain/custom-fields";
import type { Context } from "~/auth/guard.server";
import { changeCustomFieldSchedule, readNow } from "~/features/custom-fields/change-schedule.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText, versionField } from "~/platform/http/stale.server";

import { connectionIntents } from "./actions.server";
import { connectionOf, noSuchConnection } from "./context.server";
import { promiseIntents } from "./promise-action.server";

const customFieldsForm = z.object({
  version: versionField,
  customFields: z.enum(customFieldIntervals, "Choose how often they are read."),
});

/** The actions of the card of custom fields, each with its permission. */
const customFieldIntents = {
  "custom-fields": {
    permission: "integrations:manage",
    provider: "levelio",
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(customFieldsForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { customFields, version } = parsed.data;
      const outcome = await changeCustomFieldSchedule(context.app.sync, ref, customFields, actor, version);
      switch (outcome.state) {
        case "stale": {
          const text = staleText(outcome, { customFields: "reading of custom fields" });
          return refused(problem(context.form, { customFields: text }), 409);
        }
        case "unknown_integration":
          throw noSuchConnection();
        case "unchanged":
          return done(path, "Nothing changed.");
        case "saved":
          return done(
            path,
            customFields === "off"
              ? "Custom fields are no longer read. Values that were read stay."
              : "Custom fields are read from now on; the first reading begins within a minute.",
          );
      }
    },
  },

  "read-custom-fields": {
    permission: "syncs:run",
    provider: "levelio",
    run: async (context: Context) => {
      const { ref, path } = await connectionOf(context, "levelio");
      const isOn = await readNow(context.app.sync, ref);
      return done(
        path,
        isOn
          ? "Custom fields are read within a minute, if no reading is under way."
          : "Custom fields are switched off.",
      );
    },
  },
} as const;

/**
 * All actions of a connection's own page. Joined here, because the bundle for the browser would keep a spread in a
 * route.
 */
export const connectionPageIntents = { ...connectionIntents, ...customFieldIntents, ...promiseIntents };
