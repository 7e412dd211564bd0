import * as z from "zod";

import { getClient, listClientsById } from "@db/queries/clients/clients";
import { clientValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";
import { clientName, clientNotes } from "~/features/clients/forms.server";
import { changeClient, createClient } from "~/features/clients/clients.server";

import { operation, type ApiContext } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { flag, instantText, searchWords, toInstant } from "../base/shapes";

const client = z
  .object({
    id: z.uuid(),
    name: z.string(),
    notes: z.string().nullable(),
    isArchived: z.boolean(),
    createdAt: instantText,
    updatedAt: instantText,
  })
  .meta({ id: "Client" });

const notes = clientNotes.nullable();
const clientParams = z.object({ clientId: z.uuid() });

type ClientRow = NonNullable<Awaited<ReturnType<typeof getClient>>>;

const toClient = (row: ClientRow): z.infer<typeof client> => ({
  id: row.id,
  name: row.name,
  notes: row.notes,
  isArchived: row.archivedAt !== null,
  createdAt: toInstant(row.createdAt),
  updatedAt: toInstant(row.updatedAt),
});

/** The version of a client, which a change sends in `If-Match`. */
const versionOf = (row: ClientRow): string => shownVersion(clientValues(row)).replaceAll(" ", "-");

async function readClient({ inTenant, tenantId }: ApiContext, clientId: string) {
  const row = await inTenant((tx) => getClient(tx, tenantId, clientId));
  if (row === undefined) throw noSuch("client");
  return { body: toClient(row), version: versionOf(row) };
}

const nameTaken = (name: string) =>
  new ApiProblem("conflict", `Another client is called “${name}” already.`, {
    errors: [{ field: "body.name", message: "This name is taken." }],
  });

export const clientOperations = [
  operation({
    id: "listClients",
    method: "GET",
    path: "/clients",
    tag: "Clients",
    summary: "All clients",
    scope: "read",
    permission: "clients:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the name." }),
        archived: flag.default(false).meta({ description: "Archived clients instead of the current ones." }),
      })
      .strict(),
    success: {
      status: 200,
      description: "A page of clients, in the order they were made",
      schema: pageOf(client),
    },
    run: async ({ inTenant, tenantId }, { query: { q, archived, limit, cursor } }) => {
      const place = decodeCursor(idPlace, cursor);
      const rows = await inTenant((tx) =>
        listClientsById(tx, tenantId, { text: q, archived }, { after: place?.[0], limit: limit + 1 }),
      );
      return { body: page(rows, limit, toClient, ({ id }) => [id]) };
    },
  }),
  operation({
    id: "getClient",
    method: "GET",
    path: "/clients/{clientId}",
    tag: "Clients",
    summary: "One client",
    scope: "read",
    permission: "clients:read",
    params: clientParams,
    success: { status: 200, description: "The client", schema: client },
    run: (context, { params: { clientId } }) => readClient(context, clientId),
  }),
  operation({
    id: "createClient",
    method: "POST",
    path: "/clients",
    tag: "Clients",
    summary: "Add a client",
    scope: "write",
    permission: "clients:write",
    body: z.strictObject({ name: clientName, notes: notes.default(null) }),
    example: { name: "Acme", notes: "Managed since March" },
    success: { status: 201, description: "The new client", schema: client },
    run: async (context, { body }) => {
      const outcome = await createClient(context, body);
      switch (outcome.state) {
        case "name_taken":
          throw nameTaken(body.name);
        case "created":
          return readClient(context, outcome.id);
      }
    },
  }),
  operation({
    id: "changeClient",
    method: "PATCH",
    path: "/clients/{clientId}",
    tag: "Clients",
    summary: "Rename a client, or change its notes",
    description:
      "With `If-Match` and the `ETag` that was read, a change that somebody made meanwhile is not reverted.",
    scope: "write",
    permission: "clients:write",
    isVersioned: true,
    params: clientParams,
    body: z
      .strictObject({ name: clientName.optional(), notes: notes.optional() })
      .refine((body) => Object.keys(body).length > 0, "Name at least one field."),
    example: { notes: "Calls after nine" },
    success: { status: 200, description: "The client as it is now", schema: client },
    run: async (context, { params: { clientId }, body }) => {
      const stored = await context.inTenant((tx) => getClient(tx, context.tenantId, clientId));
      if (stored === undefined) throw noSuch("client");
      const version = context.ifMatch?.replaceAll("-", " ") ?? shownVersion(clientValues(stored));
      const set = {
        name: body.name ?? stored.name,
        notes: body.notes === undefined ? stored.notes : body.notes,
      };
      if (context.ifMatch !== undefined && context.ifMatch !== versionOf(stored)) throw stale("client");
      const outcome = await changeClient(context, clientId, set, version);
      if (typeof outcome === "object") throw stale("client", outcome.by);
      switch (outcome) {
        case "unknown":
          throw noSuch("client");
        case "name_taken":
          throw nameTaken(set.name);
        case "changed":
          return readClient(context, clientId);
      }
    },
  }),
];
