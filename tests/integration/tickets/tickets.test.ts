import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import {
  auditLog,
  incidents,
  rmmAlerts,
  tenantSecrets,
  ticketAttempts,
  tickets,
  ticketSystems,
} from "@db/schema";
import { setClientCompanies } from "@db/queries/tickets/companies";
import type { TicketResolution } from "@domain/tickets";
import { formIncidents } from "~/features/incidents/form-incidents";
import { answerTicket, openTicket } from "~/features/tickets/change-ticket.server";
import { deliverTickets } from "~/features/tickets/deliver-tickets";
import type { TicketDeps } from "~/features/tickets/open-adapter";
import { saveTicketSystem, testTicketSystem } from "~/features/tickets/systems.server";
import { createExchange } from "~/platform/outgoing/exchange";
import { createTokenStore } from "~/platform/outgoing/oauth-tokens";
import { createVault } from "~/platform/vault.server";

import { Random } from "../../level-simulator/random";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createAsset, createClient, createIntegration, createTenant } from "../../support/factories";
import { TEST_ACTOR, TEST_APP_SECRET } from "../../support/sync";
import {
  startTicketSystem,
  TICKET_SECRET,
  ticketSystemConfig,
  type TicketFault,
  type TicketSystem,
} from "../../support/ticket-system";

const MINUTE = 60_000;

let database: TestDatabase;
let helpdesk: TicketSystem;
let deps: TicketDeps;
let now: Date;
let tenantId: string;
let logged: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  helpdesk = await startTicketSystem();
  now = new Date("2026-11-23T10:00:00Z");
  logged = [];
  const log = (fields: object, message: string) => void logged.push(JSON.stringify([fields, message]));
  deps = {
    db: database.db,
    clock: () => now,
    log: { debug: log, info: log, warn: log, error: log },
    vault: createVault(TEST_APP_SECRET),
    exchange: createExchange({ allowPrivate: true }),
    tokens: createTokenStore(() => now),
    mailer: null,
    publicUrl: "https://plumbline.example.com",
    nudge() {},
  };
  tenantId = (await createTenant(database.db)).id;
});
afterEach(async () => {
  await helpdesk.close();
  await database.close();
});

type Recovery = "search" | "key" | "none";

async function addSystem({
  recovery = "search" as Recovery,
  auth = "key" as "key" | "oauth2",
  onResolve = "close" as TicketResolution,
  automaticFrom = "critical" as "critical" | "minor" | null,
} = {}) {
  const config = ticketSystemConfig(helpdesk, { recovery, auth });
  const outcome = await saveTicketSystem(
    deps,
    { tenantId, id: null },
    { label: "Helpdesk", kind: "http", config, automaticFrom, waitMinutes: 0, onResolve },
    auth === "key" ? { apiKey: TICKET_SECRET } : { clientSecret: TICKET_SECRET },
    { allowPrivate: true, actor: TEST_ACTOR },
  );
  if (outcome.state !== "saved") throw new Error(JSON.stringify(outcome));
  return outcome.id;
}

let place: { connectionId: string; clientId: string } | undefined;
beforeEach(() => void (place = undefined));

/** Equal alerts, each on a device of its own, of one client. */
async function alertsBegin(
  devices: number,
  { name = "Low disk space", severity = "critical" as const } = {},
) {
  place ??= {
    connectionId: (await createIntegration(database.db, { tenantId })).id,
    clientId: (await createClient(database.db, { tenantId, name: "Harborlight" })).id,
  };
  const { connectionId, clientId } = place;
  for (let n = 0; n < devices; n++) {
    const { id: assetId } = await createAsset(database.db, { tenantId, clientId, name: `HRB-${name}-${n}` });
    await database.db.insert(rmmAlerts).values({
      tenantId,
      connectionId,
      assetId,
      externalAlertId: `${name} ${n} ${now.getTime()}`,
      externalDeviceId: `d${n}`,
      deviceHostname: `HRB-${n}`,
      name,
      severity,
      status: "active",
      startedAt: now,
      observedAt: now,
      observedVia: "webhook",
      contentHash: "x",
    });
  }
  await formIncidents(deps);
}

async function alertsEnd() {
  await database.db.update(rmmAlerts).set({ status: "resolved", resolvedAt: now });
  now = new Date(now.getTime() + 6 * MINUTE);
  await formIncidents(deps);
}

const work = async (afterMinutes = 0) => {
  now = new Date(now.getTime() + afterMinutes * MINUTE);
  await deliverTickets(deps);
};

const ticketRows = () => database.db.select().from(tickets);
const incidentId = async () => (await database.db.select().from(incidents))[0]!.id;

it("200 equal alerts on 200 devices make one ticket, which is closed when they have ended", async () => {
  await addSystem();
  await alertsBegin(200);
  await work();
  await work();
  expect(helpdesk.tickets).toHaveLength(1);
  const [ticket] = helpdesk.tickets;
  expect(ticket!.title).toMatch(/^\[PL-[0-9A-Z]{10}\] Critical: Low disk space at Harborlight$/);
  expect(ticket!.body).toContain("Devices: 200: HRB-0, HRB-1");
  expect(ticket!.body).toContain(`https://plumbline.example.com/alerts/incidents/${await incidentId()}`);
  expect(ticket!.priority).toBe("1");
  expect(await ticketRows()).toMatchObject([
    { status: "open", externalId: "101", number: "T101", url: `${helpdesk.address}/tickets/101` },
  ]);

  await alertsEnd();
  await work();
  await work();
  expect(helpdesk.tickets).toMatchObject([
    { status: "closed", comments: [expect.stringContaining("The incident is resolved")] },
  ]);
  const entries = await queryRows<{ kind: string }>(
    database.db,
    sql`select kind from incident_entries order by at, id`,
  );
  expect(entries.map(({ kind }) => kind)).toEqual(["opened", "ticket_opened", "resolved", "ticket_closed"]);
});

it("an incident that reopens or gets worse comments on its ticket, at most once an hour", async () => {
  await addSystem({ onResolve: "comment", automaticFrom: "minor" });
  await alertsBegin(1, { severity: "critical" });
  await work();
  for (let round = 0; round < 12; round++) {
    await alertsEnd();
    await work(1);
    await database.db.update(rmmAlerts).set({ status: "active", startedAt: now, resolvedAt: null });
    await formIncidents(deps);
    await work(8);
  }
  expect(helpdesk.tickets).toHaveLength(1);
  // Three hours: each change back in its hour, and each end only after the ticket showed it as open.
  expect(helpdesk.tickets[0]!.comments.length).toBeLessThanOrEqual(7);
});

it("an incident below the severity, or from before, gets a ticket only on request, and only one", async () => {
  await alertsBegin(1);
  now = new Date(now.getTime() + MINUTE);
  const systemId = await addSystem();
  await work();
  expect(helpdesk.tickets).toHaveLength(0);
  const ref = { tenantId, incidentId: await incidentId(), systemId };
  const asked = await Promise.all([1, 2, 3].map(() => openTicket(deps, ref, TEST_ACTOR)));
  expect(asked.filter(Boolean)).toHaveLength(1);
  await work();
  await work();
  expect(helpdesk.tickets).toHaveLength(1);
  expect(await openTicket(deps, ref, TEST_ACTOR)).toBe(false);
});

it("maintenance delays tickets, and its end opens them", async () => {
  await addSystem();
  await alertsBegin(1);
  await database.db.update(incidents).set({ ticketsSuppressed: true });
  await work();
  await work(30);
  expect(helpdesk.tickets).toHaveLength(0);
  await database.db.update(incidents).set({ ticketsSuppressed: false });
  await work(1);
  expect(helpdesk.tickets).toHaveLength(1);
});

describe.each(["search", "key"] as const)("if %s tells a second try apart", (recovery) => {
  it.each(["lost", "broken", "failed", 500, 503, 429, 400] as const)(
    "an answer that is %s leaves one ticket, and Plumbline knows it in the end",
    async (fault) => {
      await addSystem({ recovery });
      helpdesk.faults.push(fault);
      await alertsBegin(1);
      await work();
      for (let n = 0; n < 6; n++) await work(30);
      expect(helpdesk.tickets).toHaveLength(1);
      expect(await ticketRows()).toMatchObject([{ status: "open", externalId: "101" }]);
    },
  );

  it("a process that is killed between the request and its record leaves one ticket", async () => {
    await addSystem({ recovery });
    await alertsBegin(1);
    const killed: TicketDeps = {
      ...deps,
      exchange: async (request) => {
        await deps.exchange(request);
        throw new Error("killed");
      },
    };
    // Nothing is recorded, as if the process had died.
    await database.db.execute(sql`create function no_record() returns trigger language plpgsql as
      $$ begin raise exception 'killed'; end $$`);
    await database.db.execute(sql`create trigger no_record before insert on ticket_attempts
      for each row execute function no_record()`);
    await deliverTickets(killed).catch(() => {});
    await database.db.execute(sql`drop function no_record cascade`);
    expect(helpdesk.tickets).toHaveLength(1);
    await work(4);
    await work(4);
    expect(helpdesk.tickets).toHaveLength(1);
    expect(await ticketRows()).toMatchObject([{ status: "open", externalId: "101" }]);
  });
});

it("a search that fails opens nothing until it succeeds", async () => {
  await addSystem();
  helpdesk.faults.push("lost");
  helpdesk.searchFaults.push(500, "broken", 403);
  await alertsBegin(1);
  await work();
  for (let n = 0; n < 8; n++) await work(60);
  expect(helpdesk.requests.filter((one) => one === "POST /api/tickets")).toHaveLength(1);
  expect(await ticketRows()).toMatchObject([{ status: "open", externalId: "101" }]);
});

describe("if nothing tells a second try apart", () => {
  beforeEach(async () => {
    await addSystem({ recovery: "none" });
    helpdesk.faults.push("lost");
    await alertsBegin(1);
    for (let n = 0; n < 4; n++) await work(n * 60);
  });

  it("a lost answer asks a person, and nothing is sent again", async () => {
    expect(helpdesk.requests).toEqual(["POST /api/tickets"]);
    expect(await ticketRows()).toMatchObject([{ status: "unknown", action: null, isUnconfirmed: true }]);
  });

  it("a person who finds the ticket names it, and it gets the incident's end", async () => {
    const ref = { tenantId, incidentId: await incidentId() };
    expect(await answerTicket(deps, ref, { kind: "found", number: "101" }, TEST_ACTOR)).toBe(true);
    await alertsEnd();
    await work();
    expect(helpdesk.tickets).toMatchObject([{ status: "closed" }]);
  });

  it("a person who finds none has it opened", async () => {
    helpdesk.tickets.length = 0;
    const ref = { tenantId, incidentId: await incidentId() };
    expect(await answerTicket(deps, ref, { kind: "retry" }, TEST_ACTOR)).toBe(true);
    expect(await answerTicket(deps, ref, { kind: "retry" }, TEST_ACTOR)).toBe(false);
    await work();
    expect(helpdesk.tickets).toHaveLength(1);
    expect(await ticketRows()).toMatchObject([{ status: "open" }]);
  });
});

describe("if a late report shows that two incidents with tickets are one:", () => {
  /** Two incidents of one device, an hour apart, each with its ticket, and then the alert between them. */
  async function twoThenOne(onResolve: TicketResolution, whenTwo = async () => {}) {
    await addSystem({ onResolve });
    place = undefined;
    await alertsBegin(1);
    await pass();
    await endAlerts();
    now = new Date(now.getTime() + 60 * MINUTE);
    await pass();
    await alertsBegin(1);
    await whenTwo();
    await pass();
    const between = new Date(now.getTime() - 30 * MINUTE);
    const [first] = await database.db.select().from(rmmAlerts).limit(1);
    await database.db.insert(rmmAlerts).values({
      ...first!,
      id: undefined,
      externalAlertId: "between",
      status: "resolved",
      startedAt: between,
      resolvedAt: new Date(between.getTime() + 10 * MINUTE),
      incidentId: null,
      groupingDue: 1,
    });
    for (let n = 0; n < 3; n++) await pass();
  }

  async function pass() {
    await formIncidents(deps);
    await deliverTickets(deps);
  }
  const endAlerts = () =>
    database.db
      .update(rmmAlerts)
      .set({ status: "resolved", resolvedAt: new Date(now.getTime() + 5 * MINUTE) });

  it("the second is closed with a link to the first, once", async () => {
    await twoThenOne("close");
    const [first, second] = helpdesk.tickets;
    expect(helpdesk.tickets).toHaveLength(2);
    expect(second!.status).toBe("closed");
    expect(second!.comments.join()).toContain(`ticket ${first!.number}`);
    const told = second!.comments.length;
    now = new Date(now.getTime() + 120 * MINUTE);
    await pass();
    expect(second!.comments).toHaveLength(told);
  });

  it("the second only gets a comment if the system's tickets are not closed", async () => {
    await twoThenOne("comment");
    const [first, second] = helpdesk.tickets;
    expect(second!.status).toBe("open");
    expect(second!.comments).toHaveLength(1);
    expect(second!.comments[0]).toContain(`ticket ${first!.number}`);
  });

  it("one that was not opened yet is not opened any more", async () => {
    await twoThenOne("close", async () => void helpdesk.faults.push(429));
    now = new Date(now.getTime() + 120 * MINUTE);
    await pass();
    expect(helpdesk.tickets).toHaveLength(1);
  });

  it("one whose answer was lost is searched for, and closed", async () => {
    await twoThenOne("close", async () => void helpdesk.faults.push("lost"));
    now = new Date(now.getTime() + 120 * MINUTE);
    for (let n = 0; n < 3; n++) await pass();
    expect(helpdesk.tickets).toHaveLength(2);
    expect(helpdesk.tickets[1]).toMatchObject({ status: "closed" });
    expect(helpdesk.tickets[1]!.comments.join()).toContain(`ticket ${helpdesk.tickets[0]!.number}`);
  });
});

it("a helpdesk that is down for hours delays its tickets and loses none", async () => {
  await addSystem();
  helpdesk.faults.push(...Array.from({ length: 40 }, () => 503));
  for (let n = 0; n < 5; n++) await alertsBegin(1, { name: `Condition ${n}` });
  for (let n = 0; n < 40; n++) await work(15);
  expect(helpdesk.tickets).toHaveLength(0);
  helpdesk.faults.length = 0;
  for (let n = 0; n < 20; n++) await work(30);
  expect(helpdesk.tickets).toHaveLength(5);
  expect(new Set(helpdesk.tickets.map(({ title }) => title)).size).toBe(5);
});

it("what was given up after a day is sent again on request", async () => {
  await addSystem();
  helpdesk.faults.push(...Array.from({ length: 20 }, () => 400));
  await alertsBegin(1);
  for (let n = 0; n < 30; n++) await work(60);
  expect(await ticketRows()).toMatchObject([{ isGivenUp: true }]);
  expect(helpdesk.requests).toHaveLength(9);
  helpdesk.faults.length = 0;
  await answerTicket(deps, { tenantId, incidentId: await incidentId() }, { kind: "retry" }, TEST_ACTOR);
  await work();
  expect(helpdesk.tickets).toHaveLength(1);
});

it("a ticket names its client's company in that system", async () => {
  const systemId = await addSystem();
  const body = '{"title": "{{summary}}", "body": "company {{client.companyId}} of {{client}}"}';
  await database.db
    .update(ticketSystems)
    .set({ config: sql`jsonb_set(config, '{open,body}', to_jsonb(${body}::text))` });
  await alertsBegin(1);
  await withTenant(database.db, tenantId, (tx) =>
    setClientCompanies(tx, { tenantId, systemId }, [{ clientId: place!.clientId, companyId: "4711" }]),
  );
  await work();
  expect(helpdesk.tickets).toMatchObject([{ body: "company 4711 of Harborlight" }]);
});

it("a rate limit is waited out for as long as it says, and costs no attempt", async () => {
  await addSystem();
  helpdesk.faults.push(429);
  await alertsBegin(1);
  await work();
  await work(4);
  expect(helpdesk.requests).toHaveLength(1);
  expect(await ticketRows()).toMatchObject([{ attempts: 0, isGivenUp: false }]);
  await work(2);
  expect(helpdesk.tickets).toHaveLength(1);
});

it("an access token is fetched once, and again when it is refused", async () => {
  await addSystem({ auth: "oauth2" });
  for (let n = 0; n < 4; n++) await alertsBegin(1, { name: `Condition ${n}` });
  await work();
  expect(helpdesk.tickets).toHaveLength(4);
  const before = helpdesk.tokensGiven;
  expect(before).toBeLessThanOrEqual(2);
  helpdesk.forgetTokens();
  await alertsBegin(1, { name: "Later" });
  await work();
  expect(helpdesk.tickets).toHaveLength(5);
  expect(helpdesk.tokensGiven).toBe(before + 1);
});

it("the secret is stored sealed, and in no column, log line, audit entry or error", async () => {
  const id = await addSystem();
  helpdesk.faults.push(400);
  await alertsBegin(1);
  await work();
  const written = JSON.stringify([
    await database.db.select().from(ticketSystems),
    await database.db.select().from(ticketAttempts),
    await ticketRows(),
    await database.db.select().from(auditLog),
    await database.db.select().from(tenantSecrets),
    logged,
  ]);
  expect(written).toContain("it answered 400");
  expect(written).not.toContain(TICKET_SECRET);
  expect(await testTicketSystem(deps, { tenantId, id }, TEST_ACTOR)).toEqual({ state: "done" });
});

it("a changed address does not get the secret of the former one", async () => {
  const id = await addSystem();
  const other = await startTicketSystem();
  const config = ticketSystemConfig(other);
  const settings = {
    label: "H",
    kind: "http",
    automaticFrom: null,
    waitMinutes: 0,
    onResolve: "comment",
  } as const;
  const options = { allowPrivate: true, actor: TEST_ACTOR };
  await saveTicketSystem(deps, { tenantId, id }, { ...settings, config }, {}, options);
  expect(await testTicketSystem(deps, { tenantId, id }, TEST_ACTOR)).toMatchObject({ state: "failed" });
  await other.close();
});

it("a private address is refused, when it is saved and when it is called", async () => {
  const closed = { ...deps, exchange: createExchange({ allowPrivate: false }) };
  const settings = {
    label: "H",
    kind: "http",
    automaticFrom: null,
    waitMinutes: 0,
    onResolve: "comment",
  } as const;
  for (const address of ["http://127.0.0.1:1", "https://169.254.169.254", "https://localhost", "ftp://x"]) {
    const config = { ...ticketSystemConfig(helpdesk), address };
    const options = { allowPrivate: false, actor: TEST_ACTOR };
    const outcome = await saveTicketSystem(
      deps,
      { tenantId, id: null },
      { ...settings, config },
      {},
      options,
    );
    expect(outcome.state, address).toBe("refused");
  }
  await addSystem();
  await alertsBegin(1);
  await deliverTickets(closed);
  expect(helpdesk.requests).toHaveLength(0);
});

it("1,000 shuffled, doubled deliveries with an interruption at every step leave one ticket for each incident", async () => {
  await addSystem({ automaticFrom: "critical", onResolve: "comment" });
  now = new Date(now.getTime() + 60 * MINUTE);
  await alertsBegin(1, { name: "Condition 0" });
  const { connectionId } = place!;
  const random = new Random(7, "tickets");
  const faults: (TicketFault | null)[] = ["lost", "broken", "failed", 500, 503, null, null, null];
  const deliveries = random.shuffled(
    Array.from({ length: 500 }, (_, n) => ({ device: `d${n % 25}`, name: `Condition ${n % 12}`, n })).flatMap(
      (one) => [one, one],
    ),
  );
  for (let from = 0; from < deliveries.length; from += 50) {
    for (const { device, name, n } of deliveries.slice(from, from + 50)) {
      await database.db
        .insert(rmmAlerts)
        .values({
          tenantId,
          connectionId,
          externalAlertId: `alert ${n}`,
          externalDeviceId: device,
          name,
          severity: "critical",
          status: "active",
          startedAt: new Date(now.getTime() - random.int(0, 10) * MINUTE),
          observedAt: now,
          observedVia: "webhook",
          contentHash: "x",
        })
        .onConflictDoNothing();
    }
    for (let n = 0; n < 5; n++) {
      const fault = random.pick(faults);
      if (fault !== null) helpdesk.faults.push(fault);
    }
    await formIncidents(deps);
    await work(1);
  }
  helpdesk.faults.length = 0;
  for (let n = 0; n < 40; n++) await work(30);
  const open = await queryRows<{ id: string }>(
    database.db,
    sql`select id from incidents where merged_into_id is null`,
  );
  expect(helpdesk.tickets).toHaveLength(open.length);
  const opened = await ticketRows();
  expect(opened.every(({ status }) => status === "open")).toBe(true);
  expect(new Set(opened.map(({ externalId }) => externalId)).size).toBe(open.length);
}, 60_000);
