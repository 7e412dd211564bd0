import * as z from "zod";

import { graceLimits } from "@domain/grace";
import { mappingStates } from "@domain/group-tree";
import { intervalLimits } from "@domain/schedule-limits";
import { isUsableId } from "@domain/text";
import { clientName } from "~/features/clients/forms.server";
import { versionField } from "~/platform/http/stale.server";

import { assetsAfterDisconnect } from "./disconnect.server";

/** The forms of the connection pages. The pages show each message beside its field. */

/** The most characters of a connection's name, which is indexed. */
export const maxLabel = 80;

const label = z
  .string()
  .trim()
  .min(1, "Give the connection a name, such as the name of the Level account.")
  .max(maxLabel, `Use at most ${maxLabel} characters.`)
  .refine(isOneLine, "Use plain text on one line.");

/** Level does not document a format of its keys, so only impossible keys are refused before the test call. */
const apiKey = z
  .string()
  .trim()
  .min(1, "Paste an API key of your Level account.")
  .max(500, "This is too long for an API key. Copy the key alone.")
  .transform((key) => key.replace(/^bearer\s+/i, ""))
  .refine(
    (key) => /^[\x21-\x7e]+$/.test(key),
    "An API key has no spaces, line breaks or special characters. Copy the key alone.",
  );

export const connectForm = z.object({ label, apiKey });

export const replaceKeyForm = z.object({ apiKey });

export const renameForm = z.object({ label, version: versionField });

export const scheduleForm = z.object({
  version: versionField,
  enabled: z.literal("on").optional(),
  minutes: z.coerce
    .number("Choose an interval.")
    .int("Choose an interval.")
    .min(intervalLimits.full.min, "At most every 15 minutes.")
    .max(intervalLimits.full.max, "At least every 7 days."),
  alertsMinutes: z.coerce
    .number("Choose an interval.")
    .int("Choose an interval.")
    .min(intervalLimits.alerts.min, "At most every 5 minutes.")
    .max(intervalLimits.alerts.max, "At least every hour."),
});

const GRACE = `Enter whole days from ${graceLimits.min} to ${graceLimits.max}.`;

export const graceForm = z.object({
  version: versionField,
  graceDays: z
    .string()
    .trim()
    .regex(/^\d{1,3}$/, GRACE)
    .transform(Number)
    .pipe(z.number().max(graceLimits.max, GRACE)),
});

export const disconnectForm = z.object({
  assets: z.enum(assetsAfterDisconnect, "Choose what becomes of the assets."),
});

export const syncForm = z.object({ type: z.enum(["organizations", "full", "alerts", "dry_run"]) });

export const cancelForm = z.object({ runId: z.uuid() });

export const ignoredRecordForm = z.object({ record: z.uuid() });

export const deviceSyncForm = z.object({ externalDeviceId: z.string().refine(isUsableId) });

/** The most changes at once: as many as the largest expected account has groups. */
const MAX_CHANGES = 10_000;

/** Changes of the mapping as JSON in one form field, because they are saved together or not at all. */
const mappingChanges = z
  .array(
    z.object({
      externalId: z.string().min(1).max(512),
      state: z.enum(mappingStates),
      clientId: z.uuid().optional(),
      clientName: clientName.optional(),
      siteId: z.uuid().nullish(),
      contactId: z.uuid().nullish(),
    }),
  )
  .max(MAX_CHANGES);

export const mappingForm = z.object({
  version: z.coerce.number().int().min(0),
  changes: z
    .string()
    .transform(parseJson)
    .pipe(mappingChanges)
    .refine(
      (changes) => new Set(changes.map((change) => change.externalId)).size === changes.length,
      "A group was named twice.",
    ),
});

function isOneLine(text: string): boolean {
  return !/[\u0000-\u001f\u007f]/.test(text);
}

/** Parses JSON; null if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
