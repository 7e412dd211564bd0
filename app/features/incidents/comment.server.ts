import * as z from "zod";

/** What a person or a program writes into a timeline. */
export const incidentComment = z
  .string()
  .transform((text) => text.replaceAll("\u0000", "").trim())
  .pipe(z.string().min(1, "Write something.").max(4_000));
