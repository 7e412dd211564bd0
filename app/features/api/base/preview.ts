import * as z from "zod";

import { alertSeverities } from "@domain/alert-words";

import { instantText, toInstant } from "./shapes";

/** The result of a preview: the incidents that a window or a rule would have matched in the last 30 days. */
export const trial = z.object({
  found: z.int(),
  of: z.int().meta({ description: "Incidents that were looked at." }),
  isCapped: z.boolean().meta({ description: "There were more; the latest were looked at." }),
  incidents: z
    .array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        severity: z.enum(alertSeverities),
        client: z.string().nullable(),
        openedAt: instantText,
      }),
    )
    .meta({ description: "The latest of those found." }),
});

type Found = Omit<z.infer<typeof trial>, "incidents"> & {
  incidents: (Omit<z.infer<typeof trial>["incidents"][number], "openedAt"> & { openedAt: Date })[];
};

/** The result of a preview as the API returns it. */
export const toTrial = ({ found, of, isCapped, incidents }: Found): z.infer<typeof trial> => ({
  found,
  of,
  isCapped,
  incidents: incidents.map((one) => ({ ...one, openedAt: toInstant(one.openedAt) })),
});
