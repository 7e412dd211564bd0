import * as z from "zod";

import type { SeenDifference } from "@db/queries/assets/differences";
import { comparedFields } from "@domain/asset-fields";
import { onOneLine, storableText } from "@domain/text";

import { MAPPED_PLACE } from "./field-labels";

/** The forms of the asset pages. The page shows each message beside its field. */

/** Text from people and spreadsheets on one line, without control characters or repeated blanks. */
export const assetLine = (maxLength: number) =>
  z
    .string()
    .transform(onOneLine)
    .pipe(z.string().max(maxLength, `Use at most ${maxLength} characters.`));

const optionalLine = (maxLength: number) =>
  assetLine(maxLength)
    .optional()
    .transform((text) => (text === undefined || text === "" ? null : text));

/** Notes; null if blank. */
export const assetNotes = z
  .string()
  .transform((text) => storableText(text).replaceAll("\r\n", "\n").trim())
  .pipe(z.string().max(4000, "Use at most 4,000 characters."))
  .transform((text) => (text === "" ? null : text));

const notes = assetNotes.optional().transform((text) => text ?? null);

const clientId = z.uuid("Choose a client.").transform((id) => id.toLowerCase());

/** A site or contact by its id, none, or undefined for the mapping's: also if the form offers none. */
const place = z
  .literal("")
  .transform(() => null)
  .or(z.literal(MAPPED_PLACE).transform(() => undefined))
  .or(z.uuid("Choose one of the list.").transform((id) => id.toLowerCase()))
  .optional();

export const assetName = assetLine(200).pipe(z.string().min(1, "Enter a name."));

const fields = {
  name: assetName,
  type: z.enum(["workstation", "server"], "Choose a type."),
  location: optionalLine(200),
  notes,
};

export const editAssetForm = z.object({
  ...fields,
  client: z
    .literal("", "Choose a client.")
    .transform(() => null)
    .or(clientId),
  site: place,
  contact: place,
  version: z.string().max(1_000),
});

export const addAssetForm = z.object({ ...fields, client: clientId, serialNumber: optionalLine(100) });

/** The most differences that a form sends, which is more than a page shows. */
const MAX_SEEN = 200;

const difference = z
  .tuple([z.uuid(), z.enum(comparedFields), z.string().nullable()])
  .transform(([assetId, field, theirValue]): SeenDifference => ({ assetId, field, theirValue }));

/** Differences as the page showed them, each as JSON in a form field of its own; null if one is malformed. */
export function seenDifferences(values: FormDataEntryValue[]): SeenDifference[] | null {
  const parsed = z.array(z.string().transform(parseJson).pipe(difference)).max(MAX_SEEN).safeParse(values);
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
