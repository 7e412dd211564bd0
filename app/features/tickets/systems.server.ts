import { withTenant } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { deleteSecret, getSecret, putSecret } from "@db/queries/connections/secrets";
import {
  deleteTicketSystem,
  getTicketSystem,
  insertTicketSystem,
  updateTicketSystem,
} from "@db/queries/tickets/systems";
import type { Actor } from "@domain/actor";
import type { AlertSeverity } from "@domain/alert-words";
import type { TicketResolution, TicketSystemKind } from "@domain/tickets";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { refusalOfUrl } from "~/platform/outgoing/address-guard";
import { openUnlessLost } from "~/platform/vault";

import type { EmailConfig } from "./email-adapter";
import { httpSecrets, type HttpConfig } from "./http-config";
import { openAdapter, type TicketDeps } from "./open-adapter";
import { ticketSecretOwner } from "./ticket-secrets";

type Deps = Pick<TicketDeps, "db" | "clock" | "vault" | "nudge">;

export interface TicketSystemSettings {
  label: string;
  kind: TicketSystemKind;
  config: HttpConfig | EmailConfig;
  automaticFrom: AlertSeverity | null;
  waitMinutes: number;
  onResolve: TicketResolution;
}

/** Clears the failures of a ticket system, so that the next attempt is made at once. */
const wellAgain = { failures: 0, restsUntil: null, lastError: null } as const;

const hostOf = ({ config }: Pick<TicketSystemSettings, "config">): string =>
  URL.canParse(config.address) ? new URL(config.address).host : config.address;

/**
 * Adds a ticket system, or saves the settings of an existing one. Past incidents get no tickets in it.
 * @param secrets by name; for an existing system, those that are left out stay
 * @returns its id, or why its address is refused
 */
export async function saveTicketSystem(
  deps: Deps,
  ref: { tenantId: string; id: string | null },
  settings: TicketSystemSettings,
  secrets: Record<string, string>,
  { allowPrivate, actor }: { allowPrivate: boolean; actor: Actor },
): Promise<{ state: "saved"; id: string } | { state: "refused"; reason: string } | { state: "unknown" }> {
  const { tenantId } = ref;
  const reason = settings.kind === "http" ? refusalOfUrl(settings.config.address, allowPrivate) : undefined;
  if (reason !== undefined) return { state: "refused", reason };
  const now = deps.clock();
  return inTransaction(deps, tenantId, async (tx) => {
    const before = ref.id === null ? undefined : await getTicketSystem(tx, tenantId, ref.id);
    if (ref.id !== null && before === undefined) return { state: "unknown" } as const;
    const isNewlyAutomatic = settings.automaticFrom !== null && (before?.automaticFrom ?? null) === null;
    const set = { ...settings, ...(isNewlyAutomatic ? { automaticSince: now } : {}), ...wellAgain };
    const { id } =
      before === undefined
        ? await insertTicketSystem(tx, { tenantId, ...set, automaticSince: now })
        : (await updateTicketSystem(tx, tenantId, before.id, set, now))!;
    const owner = ticketSecretOwner(tenantId, id);
    const sealed = await getSecret(tx, tenantId, null, owner.name);
    const kept = sealed && openUnlessLost(deps.vault, sealed, owner);
    // A secret is sent only to the address for which it was entered, so a new address requires it again.
    const isMoved = before !== undefined && before.config["address"] !== settings.config.address;
    const former = kept?.state === "open" && !isMoved ? httpSecrets.parse(JSON.parse(kept.plain)) : {};
    await putSecret(tx, { ...owner, ...deps.vault.seal(JSON.stringify({ ...former, ...secrets }), owner) });
    await audit(tx, tenantId, actor, {
      action: before === undefined ? "ticket_system.added" : "ticket_system.changed",
      targetType: "ticket_system",
      targetId: id,
      details: { label: settings.label, host: hostOf(settings) },
    });
    return { state: "saved", id } as const;
  });
}

/** Pauses or resumes a ticket system. Work for it is kept meanwhile. Returns whether there is such a system. */
export async function pauseTicketSystem(
  deps: Deps,
  { tenantId, id, isPaused }: { tenantId: string; id: string; isPaused: boolean },
  actor: Actor,
): Promise<boolean> {
  return inTransaction(deps, tenantId, async (tx) => {
    const set = { isEnabled: !isPaused, ...wellAgain };
    const row = await updateTicketSystem(tx, tenantId, id, set, deps.clock());
    if (row === undefined) return false;
    await audit(tx, tenantId, actor, {
      action: isPaused ? "ticket_system.paused" : "ticket_system.resumed",
      targetType: "ticket_system",
      targetId: id,
      details: { label: row.label },
    });
    return true;
  });
}

/** Removes a ticket system with its secrets and its pending work. Returns whether there was one. */
export async function removeTicketSystem(
  deps: Deps,
  { tenantId, id }: { tenantId: string; id: string },
  actor: Actor,
): Promise<boolean> {
  return withTenant(deps.db, tenantId, async (tx) => {
    const row = await deleteTicketSystem(tx, tenantId, id);
    if (row === undefined) return false;
    await deleteSecret(tx, tenantId, null, ticketSecretOwner(tenantId, id).name);
    await audit(tx, tenantId, actor, {
      action: "ticket_system.removed",
      targetType: "ticket_system",
      targetId: id,
      details: { label: row.label },
    });
    return true;
  });
}

export type TicketSystemTest = { state: "done" } | { state: "failed"; reason: string } | { state: "unknown" };

/** Sends a request to a ticket system that changes nothing there. If the system answers, its cooldown ends. */
export async function testTicketSystem(
  deps: TicketDeps,
  { tenantId, id }: { tenantId: string; id: string },
  actor: Actor,
): Promise<TicketSystemTest> {
  const system = await withTenant(deps.db, tenantId, (tx) => getTicketSystem(tx, tenantId, id));
  if (system === undefined) return { state: "unknown" };
  const { kind, config, updatedAt } = system;
  const version = `test ${updatedAt.getTime()}`;
  const opened = await openAdapter(deps, { tenantId, systemId: id, kind, config, version });
  const outcome = opened.state === "open" ? await opened.adapter.test() : opened;
  const isDone = outcome.state === "done";
  await inTransaction(deps, tenantId, async (tx) => {
    if (isDone) await updateTicketSystem(tx, tenantId, id, wellAgain, deps.clock());
    await audit(tx, tenantId, actor, {
      action: "ticket_system.tested",
      targetType: "ticket_system",
      targetId: id,
      details: { label: system.label, isTaken: isDone },
    });
  });
  return isDone ? { state: "done" } : { state: "failed", reason: outcome.reason };
}
