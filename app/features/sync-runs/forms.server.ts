import * as z from "zod";

import { MAX_NOTE } from "./ignore-button";

/** The form that ignores a record of a run, with the reason. */
export const ignoreForm = z.object({ issue: z.uuid(), note: z.string().trim().min(1).max(MAX_NOTE) });
