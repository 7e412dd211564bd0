import * as z from "zod";

import { cleanClientName, maxClientName } from "@domain/client-name";
import { capText } from "@domain/text";
import { versionField } from "~/platform/http/stale.server";

/** A client's name; empty if the form lacks one. */
const clientNameOrNone = z
  .string()
  .transform(cleanClientName)
  .pipe(
    z.string().max(maxClientName, {
      // The message names the value, because a form may have many names.
      error: ({ input }) =>
        `Use at most ${maxClientName} characters for a client's name: “${capText(String(input), 40)}…” has ${String(input).length}.`,
    }),
  );

/** A client's name, from people, spreadsheets and groups. */
export const clientName = clientNameOrNone.pipe(z.string().min(1, "Enter a name."));

/** A client's notes; null if blank. */
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
