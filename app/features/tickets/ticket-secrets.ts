import type { SecretOwner } from "~/platform/vault";

/** The name under which what is secret of a ticket system is stored. */
export const ticketSecretOwner = (tenantId: string, systemId: string): SecretOwner => ({
  tenantId,
  connectionId: null,
  name: `tickets:${systemId}`,
});
