import * as z from "zod";

import { listHeldById, type HeldRow } from "@db/queries/review/review";
import { heldKinds } from "@domain/sync-words";
import { decideHeld } from "~/features/review/decide-held.server";

import { operation } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { instantText, searchWords, toInstant } from "../base/shapes";

const pendingChange = z
  .object({
    id: z.uuid(),
    version: z.string().meta({ description: "Changes as soon as a sync makes another change of it." }),
    kind: z.enum(heldKinds),
    name: z.string().meta({ description: "The device's name." }),
    externalId: z.string(),
    assetId: z.uuid().nullable(),
    client: z.string().nullable(),
    from: z.string().nullable().meta({ description: "The name of before, or the client of before." }),
    to: z.string().nullable().meta({ description: "The new name or client; null: no client." }),
    reason: z.string().nullable(),
    connection: z.string(),
    runId: z.uuid(),
    since: instantText,
  })
  .meta({ id: "PendingChange" });

const toPendingChange = ({
  mark,
  integration,
  sinceMs,
  keys: _,
  ...row
}: HeldRow): z.infer<typeof pendingChange> => ({
  ...row,
  version: mark,
  connection: integration,
  since: toInstant(new Date(sinceMs)),
});

/** The most changes that one transaction decides. */
const MAX_DECIDED = 500;

export const reviewOperations = [
  operation({
    id: "listPendingChanges",
    method: "GET",
    path: "/reviews",
    tag: "Pending review",
    summary: "Changes of the RMM that wait for a person",
    scope: "read",
    permission: "assets:read",
    query: pageQuery
      .extend({
        kind: z.enum(heldKinds).optional(),
        connection: z.uuid().optional(),
        run: z.uuid().optional(),
        client: z.union([z.uuid(), z.literal("none")]).optional(),
        q: searchWords.meta({ description: "Part of the device's name." }),
      })
      .strict(),
    success: { status: 200, description: "A page of pending changes", schema: pageOf(pendingChange) },
    run: async ({ inTenant, tenantId }, { query: { kind, connection, run, client, q, limit, cursor } }) => {
      const after = decodeCursor(idPlace, cursor)?.[0];
      const filter = {
        ...(kind !== undefined && { kind }),
        ...(connection !== undefined && { connectionId: connection }),
        ...(run !== undefined && { runId: run }),
        ...(client !== undefined && { clientId: client === "none" ? null : client }),
        ...(q !== undefined && { text: q }),
      };
      const rows = await inTenant((tx) => listHeldById(tx, tenantId, filter, { after, limit: limit + 1 }));
      return { body: page(rows, limit, toPendingChange, ({ id }) => [id]) };
    },
  }),
  operation({
    id: "decidePendingChanges",
    method: "POST",
    path: "/reviews/decide",
    tag: "Pending review",
    summary: "Approve or reject pending changes",
    description:
      "All or none in one transaction. A change of which a sync has made another one meanwhile is left alone and counted as `changed`; one that was withdrawn or decided already is not counted.",
    scope: "review",
    permission: "assets:write",
    body: z.strictObject({
      decision: z.enum(["approve", "reject"]),
      changes: z
        .array(z.strictObject({ id: z.uuid(), version: z.string().max(100) }))
        .min(1)
        .max(MAX_DECIDED),
    }),
    example: { decision: "approve", changes: [{ id: "$CHANGE_ID", version: "$CHANGE_VERSION" }] },
    success: {
      status: 200,
      description: "The outcome",
      schema: z.object({
        decided: z.int(),
        changed: z.int().meta({ description: "Left alone: they are other changes now." }),
        gone: z.int().meta({ description: "Assets that were marked as gone." }),
      }),
    },
    run: async ({ app, tenantId, actor }, { body: { decision, changes } }) => {
      const seen = changes.map(({ id, version }) => ({ id, mark: version }));
      const outcome = await decideHeld(app.sync, { tenantId, which: { seen }, decision, actor });
      const { changed } = outcome;
      switch (outcome.state) {
        case "nothing_held":
          return { body: { decided: 0, changed, gone: 0 } };
        case "decided":
          return { body: { decided: outcome.changes, changed, gone: outcome.gone } };
      }
    },
  }),
];
