import * as z from "zod";

import { withTenant, type TenantDb } from "@db/client";
import { namesOfParts } from "@db/queries/clients/client-parts";
import { namesOfClients } from "@db/queries/clients/clients";
import { getIntegration } from "@db/queries/connections/connections";
import { listGroups } from "@db/queries/device-sync/groups";
import type { Actor } from "@domain/actor";
import { clientPartKinds } from "@domain/client-parts";
import { mappingStates } from "@domain/group-tree";
import {
  compareMapping,
  mappingRows,
  type CodedChange,
  type MappingRow,
  type RowProblem,
} from "@domain/mapping-code";
import type { ConnectionRef } from "@domain/refs";
import { onOneLine, textLimits } from "@domain/text";
import { clientName } from "~/features/clients/forms.server";
import type { SyncDeps } from "~/platform/ports";

import type { MappingEdit } from "./mapping-edit";
import { saveMapping } from "./mapping.server";
import { previewEdits, type EditsPreview } from "./preview-edits.server";

/** More than any RMM has groups. */
export const MAX_MAPPING_ROWS = 100_000;

const partName = z.string().transform(onOneLine).pipe(z.string().min(1).max(textLimits.name)).nullish();

/** A row as a file or a program gives it. */
export const mappingRow = z
  .strictObject({
    path: z.string().trim().min(1, "Name a group.").max(20_000).meta({
      description: "The names from the top, with “ / ” between them; a slash in a name is written “\\/”.",
      example: "Customers / Acme / Berlin",
    }),
    state: z.enum(mappingStates, `Use one of: ${mappingStates.join(", ")}.`),
    client: clientName.nullable().default(null).meta({
      description: "Of a mapped group: the client's name. Made if there is none of this name.",
    }),
    site: partName.meta({
      description: "Of a mapped group: a site of the client, made if it has none of this name.",
    }),
    contact: partName.meta({ description: "Of a mapped group: its default contact. Made like the site." }),
    id: z.string().min(1).max(textLimits.id).optional().meta({
      description: "The group's id at the RMM, where several groups have one path.",
    }),
  })
  .superRefine(({ state, client, ...parts }, context) => {
    for (const part of clientPartKinds) {
      const isOdd = state !== "mapped" && (parts[part] ?? null) !== null;
      const message = `A group that is “${state}” has no ${part} here.`;
      if (isOdd) context.addIssue({ code: "custom", path: [part], message });
    }
    if ((state === "mapped") === (client !== null)) return;
    const message =
      state === "mapped" ? "Name the client." : `A group that is “${state}” has no client here.`;
    context.addIssue({ code: "custom", path: ["client"], message });
  });

export interface CodedMapping {
  connection: string;
  version: number;
  groups: MappingRow[];
}

async function readStored(tx: TenantDb, { tenantId, connectionId }: ConnectionRef) {
  const connection = await getIntegration(tx, tenantId, connectionId);
  if (connection === undefined) return null;
  const groups = await listGroups(tx, tenantId, connectionId);
  const clientIds = groups.map(({ clientId }) => clientId);
  const names = await namesOfClients(tx, tenantId, clientIds);
  const idsOf = (key: "siteId" | "contactId") => groups.map((group) => group[key]);
  const sites = await namesOfParts(tx, tenantId, "site", idsOf("siteId"));
  const contacts = await namesOfParts(tx, tenantId, "contact", idsOf("contactId"));
  const nameOf = {
    client: (id: string) => names.get(id),
    site: (id: string | null) => sites.get(id ?? ""),
    contact: (id: string | null) => contacts.get(id ?? ""),
  };
  return { connection, groups, nameOf };
}

/** The mapping of a connection by paths and names; null if there is no such connection. Five statements at most. */
export const readCodedMapping = (
  deps: Pick<SyncDeps, "db">,
  ref: ConnectionRef,
): Promise<CodedMapping | null> =>
  withTenant(deps.db, ref.tenantId, async (tx) => {
    const stored = await readStored(tx, ref);
    if (stored === null) return null;
    const { connection, groups, nameOf } = stored;
    return {
      connection: connection.label,
      version: connection.mappingVersion,
      groups: mappingRows(groups, nameOf),
    };
  });

type Refusal = { state: "unknown_integration" } | { state: "invalid"; problems: RowProblem[] };

type Compared = { state: "compared"; version: number; changes: CodedChange[] } | Refusal;

const compare = (
  deps: Pick<SyncDeps, "db">,
  ref: ConnectionRef,
  rows: readonly MappingRow[],
): Promise<Compared> =>
  withTenant(deps.db, ref.tenantId, async (tx): Promise<Compared> => {
    const stored = await readStored(tx, ref);
    if (stored === null) return { state: "unknown_integration" };
    const compared = compareMapping(stored.groups, stored.nameOf, rows);
    return compared.state === "invalid"
      ? compared
      : { ...compared, version: stored.connection.mappingVersion };
  });

const editsOf = (changes: readonly CodedChange[]): MappingEdit[] =>
  changes.map(({ externalId, to: { state, client, site, contact } }) => ({
    externalId,
    state,
    ...(client !== null && { clientName: client }),
    ...(site === undefined ? { siteId: null } : { siteName: site }),
    ...(contact === undefined ? { contactId: null } : { contactName: contact }),
  }));

export type MappingPlan =
  | { state: "planned"; version: number; changes: CodedChange[]; effect: EditsPreview }
  | { state: "stale" }
  | Refusal;

/** What applying these rows would change, and what the next full sync would do then. Writes nothing. */
export async function planMapping(
  deps: Pick<SyncDeps, "db" | "clock">,
  ref: ConnectionRef,
  rows: readonly MappingRow[],
): Promise<MappingPlan> {
  const compared = await compare(deps, ref, rows);
  if (compared.state !== "compared") return compared;
  const { version, changes } = compared;
  const previewed = await previewEdits(deps, ref, editsOf(changes));
  switch (previewed.state) {
    case "previewed":
      return { state: "planned", version, changes, effect: previewed.preview };
    case "unknown_integration":
      return previewed;
    // A sync removed the group, or somebody the client, since they were compared.
    case "unknown_groups":
    case "unknown_client":
      return { state: "stale" };
  }
}

export type ApplyOutcome =
  | { state: "applied"; version: number; changes: CodedChange[]; clientsCreated: string[] }
  | { state: "stale" }
  | Refusal;

/**
 * Makes the mapping what these rows say, in one transaction or not at all; the next full sync carries it out. Rows that
 * say what is stored already write nothing.
 * @param expectedVersion the version that the caller saw; undefined accepts any
 */
export async function applyMapping(
  deps: SyncDeps,
  ref: ConnectionRef,
  rows: readonly MappingRow[],
  actor: Actor,
  expectedVersion?: number,
): Promise<ApplyOutcome> {
  const compared = await compare(deps, ref, rows);
  if (compared.state !== "compared") return compared;
  const { version, changes } = compared;
  if (expectedVersion !== undefined && expectedVersion !== version) return { state: "stale" };
  if (changes.length === 0) return { state: "applied", version, changes, clientsCreated: [] };
  const saved = await saveMapping(deps, ref, editsOf(changes), actor, version);
  switch (saved.state) {
    case "saved":
      return { state: "applied", version: saved.version, changes, clientsCreated: saved.clientsCreated };
    case "unknown_integration":
      return saved;
    case "stale":
    case "unknown_groups":
    case "unknown_client":
      return { state: "stale" };
  }
}
