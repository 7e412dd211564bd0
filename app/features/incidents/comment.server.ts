import * as z from "zod";

/** A comment in a timeline, by a person or a program. */
export const incidentComment = z
  .string()
  .transform((text) => text.replaceAll("\u0000", "").trim())
  .pipe(z.string().min(1, "Write something.").max(4_000));
