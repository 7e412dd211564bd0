import * as z from "zod";

import { MAX_HISTORY_DAYS } from "@domain/asset-history";
import { DEFAULT_RETENTION, type Retention } from "@domain/retention";

/** A number of days, from 1 to ten years. */
export const days = z
  .string()
  .refine((text) => /^\d{1,4}$/.test(text) && +text >= 1 && +text <= MAX_HISTORY_DAYS, {
    error: (issue) =>
      `must be a number of days from 1 to ${MAX_HISTORY_DAYS}, not ${JSON.stringify(issue.input)}.`,
  })
  .transform(Number);

/** The variables that say how long finished data is kept. */
export const retentionVariables = {
  RUN_HISTORY_DAYS: days.default(DEFAULT_RETENTION.runs),
  EVENT_HISTORY_DAYS: days.default(DEFAULT_RETENTION.events),
  ALERT_HISTORY_DAYS: days.default(DEFAULT_RETENTION.alerts),
  UPDATE_HISTORY_DAYS: days.default(DEFAULT_RETENTION.updates),
  AUDIT_HISTORY_DAYS: days.optional(),
};

interface Values {
  RUN_HISTORY_DAYS: number;
  EVENT_HISTORY_DAYS: number;
  ALERT_HISTORY_DAYS: number;
  UPDATE_HISTORY_DAYS: number;
  AUDIT_HISTORY_DAYS?: number | undefined;
}

export const retentionOf = (values: Values): Retention => ({
  runs: values.RUN_HISTORY_DAYS,
  events: values.EVENT_HISTORY_DAYS,
  alerts: values.ALERT_HISTORY_DAYS,
  updates: values.UPDATE_HISTORY_DAYS,
  audit: values.AUDIT_HISTORY_DAYS ?? null,
});
