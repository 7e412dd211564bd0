import { withTenant, type Db } from "@db/client";
import { listTicketSystems, type TicketSystemRow } from "@db/queries/tickets/systems";
import { listTroubledTickets } from "@db/queries/tickets/tickets";

import { emailConfig } from "./email-adapter";
import { httpConfig, type HttpConfig } from "./http-config";

const TROUBLED_SHOWN = 100;

/** The ticket systems, and the tickets that need a person. Never includes a secret. Two statements. */
export const readTicketSystems = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, async (tx) => ({
    systems: (await listTicketSystems(tx, tenantId)).map(shownSystem),
    troubled: await listTroubledTickets(tx, tenantId, TROUBLED_SHOWN),
  }));

function shownSystem(row: TicketSystemRow) {
  const { id, label, kind, automaticFrom, waitMinutes, onResolve, isEnabled, lastError, lastSucceededAt } =
    row;
  const { preset, address, fields, ...requests } = configOf(row);
  return {
    id,
    label,
    kind,
    automaticFrom,
    waitMinutes,
    onResolve,
    isPaused: !isEnabled,
    lastError,
    lastSucceededAt,
    restsUntil: row.restsUntil,
    preset,
    address,
    fields: fields ?? {},
    requests: JSON.stringify(requests, null, 2),
  };
}

function configOf({
  kind,
  config,
}: TicketSystemRow): Partial<HttpConfig> & { preset: string; address: string } {
  if (kind === "email") {
    const mail = emailConfig.safeParse(config);
    return { preset: "email", address: mail.data?.address ?? "" };
  }
  return httpConfig.safeParse(config).data ?? { preset: "custom", address: "" };
}

export type TicketSystemsPage = Awaited<ReturnType<typeof readTicketSystems>>;

/** The systems in which a ticket can be requested, by name. */
export const listSystemNames = async (db: Db, tenantId: string): Promise<{ id: string; label: string }[]> =>
  (await withTenant(db, tenantId, (tx) => listTicketSystems(tx, tenantId)))
    .filter(({ isEnabled }) => isEnabled)
    .map(({ id, label }) => ({ id, label }));
