import * as z from "zod";

import type { AssetChange } from "@db/queries/assets/asset-changes";

import { instantText, toInstant } from "../base/shapes";

/** A change of a field, in the history of an asset or of a run. */
export const assetChange = z
  .object({
    id: z.int(),
    at: instantText,
    field: z.string().meta({ description: "A custom field of the RMM is `customField:` and its name." }),
    before: z.unknown().meta({ description: "Null for no value; the client of an asset is its id." }),
    after: z.unknown(),
    runId: z.uuid().nullable().meta({ description: "The sync run that changed it." }),
    actor: z.string().nullable().meta({ description: "The person who changed it." }),
  })
  .meta({ id: "AssetChange" });

export const toAssetChange = (row: AssetChange): z.infer<typeof assetChange> => ({
  id: row.id,
  at: toInstant(row.changedAt),
  field: row.field,
  before: row.before ?? null,
  after: row.after ?? null,
  runId: row.runId,
  actor: row.actor,
});
