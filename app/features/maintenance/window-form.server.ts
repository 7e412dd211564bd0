import * as z from "zod";

import type { TenantDb } from "@db/client";
import type { WindowRow, WindowWrite } from "@db/queries/maintenance/windows";
import { anyAlert } from "@domain/alert-conditions";
import { HOUR_MS } from "@domain/durations";
import { MAX_WINDOW_MS } from "@domain/maintenance-windows";
import { recurrenceProblem } from "@domain/recurrence";
import { onceOnly, repeatKinds, repeatOf, ruleOf, weekdays, type Repeat } from "@domain/repeat";
import { onOneLine } from "@domain/text";
import { parseWallTime, wallMs, wallTimeOf } from "@domain/wall-clock";
import {
  parseConditions,
  shownConditions,
  type ShownConditions,
} from "~/features/alert-conditions/conditions.server";

/** A window as its form shows it. */
export interface WindowValues {
  name: string;
  startsAt: string;
  endsAt: string;
  repeat: Repeat;
  suppressesNotices: boolean;
  suppressesTickets: boolean;
  conditions: ShownConditions;
}

export interface ParsedWindow {
  values: WindowValues;
  errors: Partial<Record<string, string>>;
  /** The values to store if there are no errors. */
  write: WindowWrite;
}

const MAX_WINDOW_NAME = 100;

const repeatSchema = z.object({
  kind: z.enum(repeatKinds).catch("never"),
  every: z.coerce.number().int().min(1).max(52).catch(1),
  days: z.array(z.enum(weekdays)).catch([]),
  until: z
    .string()
    .refine((day) => day === "" || parseWallTime(`${day}T00:00`) !== null)
    .catch(""),
  custom: z.string().trim().catch(""),
});

/** Parses a window from a form. */
export async function parseWindow(tx: TenantDb, tenantId: string, form: FormData): Promise<ParsedWindow> {
  const text = (name: string) => String(form.get(name) ?? "");
  const { conditions, shown, errors: wrong } = await parseConditions(tx, tenantId, form);
  const values: WindowValues = {
    name: onOneLine(text("name")),
    startsAt: text("startsAt").slice(0, 16),
    endsAt: text("endsAt").slice(0, 16),
    repeat: repeatSchema.parse({
      kind: text("repeat"),
      every: text("every"),
      days: form.getAll("day"),
      until: text("until"),
      custom: text("rule"),
    }),
    suppressesNotices: form.has("notices"),
    suppressesTickets: form.has("tickets"),
    conditions: shown,
  };
  const errors = { ...wrong, ...problemsOf(values) };
  const { repeat: _repeat, conditions: _conditions, ...plain } = values;
  return { values, errors, write: { ...plain, conditions, rule: ruleOf(values.repeat, values.startsAt) } };
}

function problemsOf(values: WindowValues): ParsedWindow["errors"] {
  const { name, startsAt, endsAt, repeat } = values;
  const errors: ParsedWindow["errors"] = {};
  if (name === "" || name.length > MAX_WINDOW_NAME)
    errors["name"] = `Enter a name of at most ${MAX_WINDOW_NAME} characters.`;
  const [start, end] = [parseWallTime(startsAt), parseWallTime(endsAt)];
  if (start === null) errors["startsAt"] = "Enter when it begins.";
  if (end === null) errors["endsAt"] = "Enter when it ends.";
  if (start !== null && end !== null) {
    if (end <= start) errors["endsAt"] = "It has to end after it begins.";
    else if (end - start > MAX_WINDOW_MS) errors["endsAt"] = "A window lasts at most seven days.";
  }
  if (!values.suppressesNotices && !values.suppressesTickets)
    errors["suppresses"] = "Choose what it suppresses.";
  const rule = ruleOf(repeat, startsAt);
  const problem = rule === null ? null : recurrenceProblem(rule);
  if (problem !== null) errors[repeat.kind === "custom" ? "rule" : "repeat"] = problem;
  return errors;
}

/** The values of a new window: the next two hours, for everything or for one device. */
export async function newWindowValues(
  tx: TenantDb,
  tenantId: string,
  { assetId, timeZone, now }: { assetId: string | undefined; timeZone: string; now: Date },
): Promise<WindowValues> {
  const start = wallMs(now.getTime(), timeZone);
  const assetIds = assetId === undefined ? [] : [assetId];
  const conditions = await shownConditions(tx, tenantId, { ...anyAlert, assetIds });
  return {
    name:
      conditions.assets.length === 1 ? `Work on ${conditions.assets[0]!.name}`.slice(0, MAX_WINDOW_NAME) : "",
    startsAt: wallTimeOf(start),
    endsAt: wallTimeOf(start + 2 * HOUR_MS),
    repeat: onceOnly,
    suppressesNotices: true,
    suppressesTickets: true,
    conditions: { ...conditions, assetIds: conditions.assets.map(({ id }) => id) },
  };
}

export const windowValues = async (
  tx: TenantDb,
  tenantId: string,
  { name, startsAt, endsAt, rule, suppressesNotices, suppressesTickets, conditions }: WindowRow,
): Promise<WindowValues> => ({
  name,
  startsAt,
  endsAt,
  repeat: repeatOf(rule, startsAt),
  suppressesNotices,
  suppressesTickets,
  conditions: await shownConditions(tx, tenantId, conditions),
});
