import * as z from "zod";

/** Names come from people and spreadsheets: no control characters, single blanks. */
const name = z
  .string()
  .transform((text) =>
    text
      .replace(/[\u0000-\u001f\u007f]+/g, " ")
      .replace(/\s+/g, " ")
      .trim(),
  )
  .pipe(z.string().min(1, "Enter a name.").max(200, "Use at most 200 characters."));

const notes = z
  .string()
  .transform((text) => text.replaceAll("\u0000", "").trim())
  .pipe(z.string().max(4000, "Use at most 4,000 characters."))
  .transform((text) => (text === "" ? null : text))
  .optional()
  .transform((text) => text ?? null);

export const clientForm = z.object({ name, notes });

export const mergeForm = z.object({ into: z.uuid("Choose a client.") });
