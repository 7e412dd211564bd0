import * as z from "zod";

import { cleanClientName, maxClientName } from "@domain/client-name";
import { capText } from "@domain/text";
import { versionField } from "~/platform/http/stale.server";

/** Empty where a form leaves it out. */
const clientNameOrNone = z
  .string()
  .transform(cleanClientName)
  .pipe(
    z.string().max(maxClientName, {
      // Of the many names in one form the message says which.
      error: ({ input }) =>
        `Use at most ${maxClientName} characters for a client's name: “${capText(String(input), 40)}…” has ${String(input).length}.`,
    }),
  );

/** Names come from people, spreadsheets and groups. */
export const clientName = clientNameOrNone.pipe(z.string().min(1, "Enter a name."));

/** Null for blank ones. */
export const clientNotes = z
  .string()
  .transform((text) => text.replaceAll("\u0000", "").trim())
  .pipe(z.string().max(4000, "Use at most 4,000 characters."))
  .transform((text) => (text === "" ? null : text));

const notes = clientNotes.optional().transform((text) => text ?? null);

export const clientForm = z.object({ name: clientName, notes });

export const changeClientForm = clientForm.extend({ version: versionField });

export const mergeForm = z.object({ into: z.uuid("Choose a client.") });

export const undoMergeForm = z.object({ merge: z.uuid("Choose a merge.") });
