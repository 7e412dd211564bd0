import { withTenant, type Db } from "@db/client";
import { getSecret } from "@db/queries/connections/secrets";
import type { TicketSystemKind } from "@domain/tickets";
import type { Exchange } from "~/platform/outgoing/exchange";
import type { ConnectDeps, Mailer } from "~/platform/ports";
import { openUnlessLost } from "~/platform/vault";

import { createEmailAdapter, emailConfig } from "./email-adapter";
import { createHttpAdapter } from "./http-adapter";
import { httpConfig, httpSecrets } from "./http-config";
import type { TokenStore } from "~/platform/outgoing/oauth-tokens";
import type { TicketAdapter } from "./ticket-port";
import { ticketSecretOwner } from "./ticket-secrets";

export type TicketDeps = Pick<ConnectDeps, "clock" | "log" | "vault" | "nudge"> & {
  db: Db;
  exchange: Exchange;
  tokens: TokenStore;
  /** Null if no mail server is configured. */
  mailer: Mailer | null;
  /** The beginning of links in tickets; no slash at the end. */
  publicUrl: string;
};

export interface SystemRef {
  tenantId: string;
  systemId: string;
  kind: TicketSystemKind;
  config: Record<string, unknown>;
  /** Differs for each version of the settings. */
  version: string;
}

const UNREADABLE = { state: "lost", reason: "its settings cannot be read: save them again" } as const;

/** The adapter of a ticket system, with its secrets, or why there is none. */
export async function openAdapter(
  deps: Pick<TicketDeps, "db" | "vault" | "exchange" | "tokens" | "mailer">,
  system: SystemRef,
): Promise<{ state: "open"; adapter: TicketAdapter } | { state: "lost"; reason: string }> {
  const { tenantId, systemId, version } = system;
  if (system.kind === "email") {
    const mail = emailConfig.safeParse(system.config);
    if (!mail.success) return UNREADABLE;
    return { state: "open", adapter: createEmailAdapter(deps.mailer, mail.data) };
  }
  const owner = ticketSecretOwner(tenantId, systemId);
  const sealed = await withTenant(deps.db, tenantId, (tx) => getSecret(tx, tenantId, null, owner.name));
  const opened = sealed === undefined ? undefined : openUnlessLost(deps.vault, sealed, owner);
  if (opened?.state === "lost")
    return {
      state: "lost",
      reason: `its secrets cannot be opened: enter them again (${opened.error.message})`,
    };
  const config = httpConfig.safeParse(system.config);
  if (!config.success) return UNREADABLE;
  const secrets = httpSecrets.parse(JSON.parse(opened?.plain ?? "{}"));
  const { exchange, tokens } = deps;
  const tokenKey = `${systemId} ${version}`;
  return { state: "open", adapter: createHttpAdapter({ exchange, tokens, tokenKey }, config.data, secrets) };
}
