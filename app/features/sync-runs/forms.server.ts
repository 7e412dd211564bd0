import * as z from "zod";

import { MAX_NOTE } from "./ignore-button";

/** A record of a run, and why it is ignored. */
export const ignoreForm = z.object({ issue: z.uuid(), note: z.string().trim().min(1).max(MAX_NOTE) });
