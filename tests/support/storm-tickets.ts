import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";
import { formIncidents } from "~/features/incidents/form-incidents";
import { deliverTickets } from "~/features/tickets/deliver-tickets";
import type { TicketDeps } from "~/features/tickets/open-adapter";
import { saveTicketSystem } from "~/features/tickets/systems.server";
import { createExchange } from "~/platform/outgoing/exchange";
import { createTokenStore } from "~/platform/outgoing/oauth-tokens";
import { createVault } from "~/platform/vault.server";

import { TEST_ACTOR, TEST_APP_SECRET, type SyncWorld } from "./sync";
import { startTicketSystem, TICKET_SECRET, ticketSystemConfig } from "./ticket-system";

export interface TicketOutcome {
  /** Tickets in the ticket system, and incidents that know theirs: an incident has at most one. */
  opened: number;
  about: number;
}

/** Connects a company's ticket system, a searchable stub, that opens a ticket for each incident. */
export interface StormTickets {
  /** The environment that a server process needs to reach the stub. */
  env: Record<string, string>;
  /** Does the remaining work, as the next processes would, and counts. */
  finish(db: Db): Promise<TicketOutcome>;
  close(): Promise<void>;
}

const ROUNDS = 10;
const ROUND_MS = 10 * 60_000;

export async function openStormTickets({ database, tenantId }: SyncWorld): Promise<StormTickets> {
  const system = await startTicketSystem();
  let aheadMs = 0;
  const clock = () => new Date(Date.now() + aheadMs);
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const depsOn = (db: Db): TicketDeps => ({
    db,
    clock,
    log: silent,
    vault: createVault(TEST_APP_SECRET),
    exchange: createExchange({ allowPrivate: true }),
    tokens: createTokenStore(clock),
    mailer: null,
    publicUrl: "https://plumbline.example.com",
    nudge() {},
  });
  const saved = await saveTicketSystem(
    depsOn(database.db),
    { tenantId, id: null },
    {
      label: "Helpdesk",
      kind: "http",
      config: ticketSystemConfig(system),
      automaticFrom: "none",
      waitMinutes: 0,
      onResolve: "comment",
    },
    { apiKey: TICKET_SECRET },
    { allowPrivate: true, actor: TEST_ACTOR },
  );
  if (saved.state !== "saved") throw new Error(JSON.stringify(saved));
  return {
    env: { OUTGOING_ALLOW_PRIVATE: "true" },
    async finish(db) {
      const deps = depsOn(db);
      for (let round = 0; round < ROUNDS; round++, aheadMs += ROUND_MS) {
        await formIncidents(deps);
        await deliverTickets(deps);
      }
      const known = await queryRows<{ externalId: string }>(
        db,
        sql`select external_id as "externalId" from tickets where external_id is not null`,
      );
      return {
        opened: system.tickets.length,
        about: new Set(known.map(({ externalId }) => externalId)).size,
      };
    },
    close: () => system.close(),
  };
}
