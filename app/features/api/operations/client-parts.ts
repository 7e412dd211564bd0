import * as z from "zod";

import { getClientPart, listAllClientParts, type ClientPartRow } from "@db/queries/clients/client-parts";
import { namesOfClients } from "@db/queries/clients/clients";
import { MAX_CLIENT_PARTS, type ClientPartKind, type ClientPartValues } from "@domain/client-parts";
import {
  addClientPart,
  changeClientPart,
  clientPartSchemas,
  partVersion,
  removeClientPart,
} from "~/features/clients/client-parts.server";

import { operation, type ApiContext, type Operation } from "../base/operation";
import { decodeCursor, idPlace, page, pageOf, pageQuery } from "../base/paging";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { named } from "../base/shapes";

const of = { id: z.uuid(), client: named, name: z.string() };

const shapes = {
  site: z.object({ ...of, address: z.string().nullable() }).meta({ id: "Site" }),
  contact: z
    .object({ ...of, email: z.string().nullable(), phone: z.string().nullable() })
    .meta({ id: "Contact" }),
};

const words = {
  site: { many: "sites", all: "Sites", one: "site", One: "Site" },
  contact: { many: "contacts", all: "Contacts", one: "contact", One: "Contact" },
} as const;

/** The version of a site or contact, which a change sends in `If-Match`. */
const versionOf = <Kind extends ClientPartKind>(kind: Kind, row: ClientPartRow<Kind>): string =>
  partVersion(kind, row).replaceAll(" ", "-");

const clientId = z.uuid().meta({ description: "The client's id." });

/** The operations on the sites or the contacts of clients, which differ only in their fields. */
function partOperations<Kind extends ClientPartKind>(kind: Kind): Operation[] {
  const { many, all, one, One } = words[kind];
  const idName = `${kind}Id`;
  const params = z.object({ [idName]: z.uuid() });
  const schema = shapes[kind] as z.ZodType;
  const given = clientPartSchemas[kind] as unknown as z.ZodObject;

  const shown = ({ clientId: id, ...row }: ClientPartRow<Kind>, client: string) => ({
    ...row,
    client: { id, name: client },
  });

  async function read({ inTenant, tenantId }: ApiContext, id: string) {
    return inTenant(async (tx) => {
      const row = await getClientPart(tx, tenantId, kind, id);
      if (row === undefined) throw noSuch(one);
      const names = await namesOfClients(tx, tenantId, [row.clientId]);
      return { body: shown(row, names.get(row.clientId) ?? ""), version: versionOf(kind, row) };
    });
  }

  const nameTaken = () =>
    new ApiProblem("conflict", `The client has a ${one} of this name already.`, {
      errors: [{ field: "body.name", message: "This name is taken." }],
    });

  return [
    operation({
      id: `list${all}`,
      method: "GET",
      path: `/${many}`,
      tag: all,
      summary: `All ${many} of clients that are not archived, or of one client`,
      scope: "read",
      permission: "clients:read",
      query: pageQuery
        .extend({ client: z.uuid().optional().meta({ description: "Of this client, archived or not." }) })
        .strict(),
      success: {
        status: 200,
        description: `A page of ${many}, in the order they were made`,
        schema: pageOf(schema),
      },
      run: async ({ inTenant, tenantId }, { query: { client, limit, cursor } }) => {
        const place = decodeCursor(idPlace, cursor);
        const rows = await inTenant((tx) =>
          listAllClientParts(tx, tenantId, kind, { clientId: client, after: place?.[0], limit: limit + 1 }),
        );
        return {
          body: page(
            rows,
            limit,
            ({ client: name, ...row }) => shown(row as unknown as ClientPartRow<Kind>, name),
            ({ id }) => [id],
          ),
        };
      },
    }),
    operation({
      id: `get${One}`,
      method: "GET",
      path: `/${many}/{${idName}}`,
      tag: all,
      summary: `One ${one}`,
      scope: "read",
      permission: "clients:read",
      params,
      success: { status: 200, description: `The ${one}`, schema },
      run: (context, { params: { [idName]: id } }) => read(context, id!),
    }),
    operation({
      id: `create${One}`,
      method: "POST",
      path: `/${many}`,
      tag: all,
      summary: `Add a ${one} to a client`,
      scope: "write",
      permission: "clients:write",
      body: given.extend({ clientId }).strict(),
      example: { clientId: "$CLIENT_ID", name: "Head office" },
      success: { status: 201, description: `The new ${one}`, schema },
      run: async (context, { body }) => {
        const { clientId: of, ...values } = body as unknown as { clientId: string } & ClientPartValues[Kind];
        const outcome = await addClientPart(context, kind, of, values as unknown as ClientPartValues[Kind]);
        switch (outcome.state) {
          case "unknown_client":
            throw noSuch("client");
          case "name_taken":
            throw nameTaken();
          case "too_many":
            throw new ApiProblem("conflict", `A client has at most ${MAX_CLIENT_PARTS} ${many}.`);
          case "added":
            return read(context, outcome.id);
        }
      },
    }),
    operation({
      id: `change${One}`,
      method: "PATCH",
      path: `/${many}/{${idName}}`,
      tag: all,
      summary: `Change a ${one}`,
      description:
        "With `If-Match` and the `ETag` that was read, a change that somebody made meanwhile is not reverted.",
      scope: "write",
      permission: "clients:write",
      isVersioned: true,
      params,
      body: given
        .partial()
        .strict()
        .refine((body) => Object.keys(body).length > 0, "Name at least one field."),
      example: { name: "Branch office" },
      success: { status: 200, description: `The ${one} as it is now`, schema },
      run: async (context, { params: { [idName]: id }, body }) => {
        const wanted = body as Partial<ClientPartValues[Kind]>;
        const outcome = await changeClientPart(context, kind, id!, (stored) => ({ ...stored, ...wanted }), {
          isAsSeen: (version) => isAsSeen(context, version),
        });
        if (typeof outcome === "object") throw stale(one, outcome.by);
        switch (outcome) {
          case "unknown":
            throw noSuch(one);
          case "name_taken":
            throw nameTaken();
          case "changed":
            return read(context, id!);
        }
      },
    }),
    operation({
      id: `remove${One}`,
      method: "DELETE",
      path: `/${many}/{${idName}}`,
      tag: all,
      summary: `Remove a ${one}`,
      description: "Assets and mapped groups that name it keep their client.",
      scope: "write",
      permission: "clients:write",
      isVersioned: true,
      params,
      success: {
        status: 200,
        description: "How many assets and groups named it",
        schema: z.object({ id: z.uuid(), assets: z.int(), groups: z.int() }),
      },
      run: async (context, { params: { [idName]: id } }) => {
        const outcome = await removeClientPart(context, kind, id!, {
          isAsSeen: (version) => isAsSeen(context, version),
        });
        switch (outcome.state) {
          case "unknown":
            throw noSuch(one);
          case "stale":
            throw stale(one);
          case "removed":
            return { body: { id: id!, assets: outcome.assets, groups: outcome.groups } };
        }
      },
    }),
  ];
}

const isAsSeen = ({ ifMatch }: ApiContext, version: string): boolean =>
  ifMatch === undefined || ifMatch === version.replaceAll(" ", "-");

export const clientPartOperations = [...partOperations("site"), ...partOperations("contact")];
