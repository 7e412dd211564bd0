import type { SecretOwner } from "~/platform/vault";

/** The name under which the secrets of a ticket system are stored. */
export const ticketSecretOwner = (tenantId: string, systemId: string): SecretOwner => ({
  tenantId,
  connectionId: null,
  name: `tickets:${systemId}`,
});
