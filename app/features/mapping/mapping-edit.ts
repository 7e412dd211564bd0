import type { GroupRow } from "@db/queries/device-sync/groups";

/** A client of several groups, by id, or a new one by name. */
export interface MappingEdit {
  externalId: string;
  state: GroupRow["state"];
  clientId?: string | null;
  /** Creates the client if there is none of this name. */
  clientName?: string;
  /**
   * A site of the client, by id, or by a name that is created if the client has none of it; null for none. Left out, the
   * group keeps what it has while its client stays. So too the contact.
   */
  siteId?: string | null | undefined;
  siteName?: string | undefined;
  contactId?: string | null | undefined;
  contactName?: string | undefined;
  /** Of a change that follows from a rule: see `MappingChange`. */
  ruleId?: string | null;
  ruleClient?: string | null;
  rulePlace?: string | null;
}

/** What of an edit says by which rule it comes. */
export const ruleFields = ({ ruleId, ruleClient, rulePlace }: MappingEdit) => ({
  ruleId: ruleId ?? null,
  ruleClient: ruleClient ?? null,
  rulePlace: rulePlace ?? null,
});
