import * as z from "zod";

import type { TenantDb } from "@db/client";
import { onUniqueViolation } from "@db/errors";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import {
  countClientParts,
  deleteClientPart,
  getClientPart,
  insertClientPart,
  partNameKeys,
  updateClientPart,
} from "@db/queries/clients/client-parts";
import { getClient, lockClients } from "@db/queries/clients/clients";
import { lockAllIntegrations } from "@db/queries/connections/connections";
import {
  clientPartFields,
  MAX_CLIENT_PARTS,
  partValues,
  type ClientPartKind,
  type ClientPartValues,
} from "@domain/client-parts";
import { overwritten, shownVersion, type Stale } from "@domain/shown-version";
import { onOneLine, storableText, textLimits } from "@domain/text";
import type { Context } from "~/auth/guard.server";
import { actorOf } from "~/platform/actor";

type Acting = Pick<Context, "tenantId" | "inTenant" | "audit" | "app" | "user" | "ip">;

const name = z
  .string()
  .transform(onOneLine)
  .pipe(
    z.string().min(1, "Enter a name.").max(textLimits.name, `Use at most ${textLimits.name} characters.`),
  );

/**
 * An optional text; null if blank.
 * @param checked the schema that a text must match
 */
const optional = (most: number, clean: (text: string) => string, checked: z.ZodType<string, string>) =>
  z
    .string()
    .nullish()
    .transform((text) => clean(text ?? ""))
    .pipe(z.string().max(most, `Use at most ${most} characters.`))
    .transform((text) => (text === "" ? null : text))
    .pipe(checked.nullable());

const MAX_ADDRESS = 500;
const MAX_EMAIL = 254;
const MAX_PHONE = 50;

/** The values of a site or a contact, as people, files and programs give them. */
export const clientPartSchemas = {
  site: z.object({ name, address: optional(MAX_ADDRESS, (text) => storableText(text).trim(), z.string()) }),
  contact: z.object({
    name,
    email: optional(MAX_EMAIL, onOneLine, z.email("This is no e-mail address.")),
    phone: optional(MAX_PHONE, onOneLine, z.string().regex(/^[^\p{L}]*\d[^]*$/u, "This is no phone number.")),
  }),
} satisfies { [Kind in ClientPartKind]: z.ZodType<ClientPartValues[Kind]> };

/** The version of a site's or contact's stored values, which a form sends back. */
export const partVersion = <Kind extends ClientPartKind>(kind: Kind, row: ClientPartValues[Kind]): string =>
  shownVersion({ ...(partValues(kind, row) as object) });

export type AddPartOutcome =
  { state: "added"; id: string } | { state: "unknown_client" | "name_taken" | "too_many" };

/** Adds a site or a contact to a client, and audits it. */
export const addClientPart = <Kind extends ClientPartKind>(
  { tenantId, inTenant, audit }: Acting,
  kind: Kind,
  clientId: string,
  values: ClientPartValues[Kind],
): Promise<AddPartOutcome> =>
  inTenant(async (tx): Promise<AddPartOutcome> => {
    // Locks the client, so that of two concurrent additions the second is counted with the first.
    const [client] = await lockClients(tx, tenantId, [clientId]);
    if (client === undefined) return { state: "unknown_client" };
    if ((await countClientParts(tx, tenantId, kind, clientId)) >= MAX_CLIENT_PARTS)
      return { state: "too_many" };
    const id = await insertClientPart(tx, tenantId, kind, clientId, values);
    if (id === null) return { state: "name_taken" };
    await audit(tx, entry(`${kind}.added`, client, { name: values.name }));
    return { state: "added", id };
  });

/**
 * Changes a site or a contact, and audits it.
 * @param change returns the new values from the stored ones
 * @param version the version that the person saw, see `shownVersion`: refuses to revert what somebody else changed
 * since
 * @param isAsSeen whether the stored version is the one that a program saw
 */
export const changeClientPart = <Kind extends ClientPartKind>(
  { tenantId, inTenant, audit }: Acting,
  kind: Kind,
  id: string,
  change: (stored: ClientPartValues[Kind]) => ClientPartValues[Kind],
  {
    version,
    isAsSeen = () => true,
    clientId,
  }: { version?: string | undefined; isAsSeen?: (version: string) => boolean; clientId?: string },
): Promise<"changed" | "unknown" | "name_taken" | Stale> => {
  type Outcome = "changed" | "unknown" | "name_taken" | Stale;
  const work = () =>
    inTenant(async (tx): Promise<Outcome> => {
      const row = await lockPart(tx, tenantId, kind, id, clientId);
      if (row === undefined) return "unknown";
      const before = partValues(kind, row);
      const set = change(before);
      const fields = isAsSeen(partVersion(kind, row))
        ? overwritten(version, { ...(before as object) }, { ...(set as object) })
        : [...clientPartFields[kind]];
      if (fields.length > 0) return { state: "stale", fields, by: null };
      await updateClientPart(tx, tenantId, kind, id, set);
      const client = await getClient(tx, tenantId, row.clientId);
      await audit(tx, entry(`${kind}.changed`, client!, { name: before.name, from: before, to: set }));
      return "changed";
    });
  return onUniqueViolation<Outcome>(partNameKeys[kind], work, () => "name_taken");
};

export type RemovePartOutcome =
  { state: "removed"; name: string; assets: number; groups: number } | { state: "unknown" | "stale" };

/**
 * Removes a site or contact from its client, its groups and its assets. Locks the connections first, as every change of
 * a mapping does.
 */
export const removeClientPart = (
  { tenantId, inTenant, audit, app, user, ip }: Acting,
  kind: ClientPartKind,
  id: string,
  { isAsSeen = () => true, clientId }: { isAsSeen?: (version: string) => boolean; clientId?: string } = {},
): Promise<RemovePartOutcome> =>
  inTenant(async (tx): Promise<RemovePartOutcome> => {
    await lockAllIntegrations(tx, tenantId);
    const row = await lockPart(tx, tenantId, kind, id, clientId);
    if (row === undefined) return { state: "unknown" };
    if (!isAsSeen(partVersion(kind, row))) return { state: "stale" };
    await attributeChanges(tx, actorOf({ user, ip }).name);
    const freed = await deleteClientPart(tx, tenantId, kind, id, app.clock());
    const client = await getClient(tx, tenantId, row.clientId);
    await audit(tx, entry(`${kind}.removed`, client!, { name: row.name, ...freed }));
    return { state: "removed", name: row.name, ...freed };
  });

/**
 * Locks a site or contact.
 * @param clientId the client of the page, if the request is from a page: a record of another client does not match
 */
async function lockPart<Kind extends ClientPartKind>(
  tx: TenantDb,
  tenantId: string,
  kind: Kind,
  id: string,
  clientId: string | undefined,
) {
  const row = await getClientPart(tx, tenantId, kind, id, { locked: true });
  return clientId === undefined || row?.clientId === clientId ? row : undefined;
}

const entry = (
  action: `${ClientPartKind}.${"added" | "changed" | "removed"}`,
  client: { id: string },
  details: Record<string, unknown>,
) => ({ action, targetType: "client", targetId: client.id, details });
