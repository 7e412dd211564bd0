import { isMcpEnabled, setMcpEnabled } from "@db/queries/api/tokens";
import type { Context } from "~/auth/guard.server";

/** Whether AI assistants may use the tenant's API tokens over MCP. */
export const readMcpSetting = ({ tenantId, inTenant }: Pick<Context, "tenantId" | "inTenant">) =>
  inTenant((tx) => isMcpEnabled(tx, tenantId));

/** Switches MCP on or off for a tenant. Audits an actual change alone. */
export const switchMcp = (
  { tenantId, inTenant, audit }: Pick<Context, "tenantId" | "inTenant" | "audit">,
  isEnabled: boolean,
): Promise<void> =>
  inTenant(async (tx) => {
    if (!(await setMcpEnabled(tx, tenantId, isEnabled))) return;
    await audit(tx, { action: isEnabled ? "mcp.enabled" : "mcp.disabled" });
  });
