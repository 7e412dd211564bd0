import { getIntegration } from "@db/queries/connections/connections";
import type { ConnectionRef } from "@domain/refs";
import { idParam, notFound, type Context } from "~/auth/guard.server";
import type { ProviderKey } from "~/connectors/registry";
import type { Actor } from "@domain/actor";
import { actorOf } from "~/platform/actor";

/** The connection in an address, and the person who acts on it. */
export interface ConnectionContext {
  ref: ConnectionRef;
  actor: Actor;
  isConnected: boolean;
  /** The address of the connection's own page. */
  path: string;
}

/** A 404 response for a connection that is missing or another tenant's. */
export const noSuchConnection = () => notFound("This connection does not exist or was removed.");

/**
 * The connection that the address names.
 * @throws Response 404 if the tenant has no such connection
 */
export async function connectionOf(
  context: Pick<Context, "inTenant" | "tenantId" | "params" | "user" | "ip">,
  provider: ProviderKey,
): Promise<ConnectionContext> {
  const { inTenant, tenantId } = context;
  const connectionId = idParam(context.params, "connectionId");
  const row = await inTenant((tx) => getIntegration(tx, tenantId, connectionId));
  if (row === undefined || row.provider !== provider) throw noSuchConnection();
  return {
    ref: { tenantId, connectionId },
    actor: actorOf(context),
    isConnected: row.status !== "disconnected",
    path: `/settings/integrations/${provider}/${connectionId}`,
  };
}
