import * as z from "zod";

import { isAllowedPromise, promiseLimits } from "@domain/freshness-promise";
import type { Context } from "~/auth/guard.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText, versionField } from "~/platform/http/stale.server";

import { changeSettings } from "./connection-settings.server";
import { connectionOf, noSuchConnection } from "./context.server";

const PERCENT = `Enter a whole share from ${promiseLimits.percent.min} to ${promiseLimits.percent.max} %.`;
const HOURS = `Enter whole hours from ${promiseLimits.hours.min} to ${promiseLimits.hours.max}, or none.`;

const promiseForm = z.object({
  version: versionField,
  promised: z.literal("on").optional(),
  percent: z.coerce.number(PERCENT).refine((percent) => isAllowedPromise("percent", percent), PERCENT),
  hours: z
    .string()
    .trim()
    .regex(/^\d{0,3}$/, HOURS)
    .transform((text) => (text === "" ? null : Number(text)))
    .refine((hours) => isAllowedPromise("hours", hours), HOURS),
});

const promiseWords = { promisedPercent: "promised share of devices", promisedHours: "promised hours" };

/**
 * The action of the card of the promise of freshness. Switching the promise off keeps its hours for a later promise.
 */
export const promiseIntents = {
  promise: {
    permission: "integrations:manage",
    provider: "levelio",
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(promiseForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { promised, percent, hours, version } = parsed.data;
      const change =
        promised === "on" ? { promisedPercent: percent, promisedHours: hours } : { promisedPercent: null };
      const outcome = await changeSettings(context.app.sync, ref, change, actor, version);
      if (outcome.state === "stale")
        return refused(problem(context.form, { promise: staleText(outcome, promiseWords) }), 409);
      if (outcome.state !== "saved") throw noSuchConnection();
      return done(path, outcome.changed.length > 0 ? "The promise is saved." : "Nothing changed.");
    },
  },
} as const;
