import type { GroupRow } from "@db/queries/device-sync/groups";

/** A change of a group's mapping, with an existing client by id or a client by name. */
export interface MappingEdit {
  externalId: string;
  state: GroupRow["state"];
  clientId?: string | null;
  /** Creates the client if none has this name. */
  clientName?: string;
  /**
   * A site of the client: by id, by a name (which is created if the client has no such site), or null for none. If
   * neither id nor name is given, the group keeps its site as long as its client stays. The same holds for the contact.
   */
  siteId?: string | null | undefined;
  siteName?: string | undefined;
  contactId?: string | null | undefined;
  contactName?: string | undefined;
  /** For a change that follows from a rule; see `MappingChange`. */
  ruleId?: string | null;
  ruleClient?: string | null;
  rulePlace?: string | null;
}

/** The fields of an edit that name its rule. */
export const ruleFields = ({ ruleId, ruleClient, rulePlace }: MappingEdit) => ({
  ruleId: ruleId ?? null,
  ruleClient: ruleClient ?? null,
  rulePlace: rulePlace ?? null,
});
