import { afterEach, beforeEach, expect, it } from "vitest";

import { incidents, tickets } from "@db/schema";
import { createMailer } from "~/features/notifications/mailer";
import { openTicket } from "~/features/tickets/change-ticket.server";
import { deliverTickets } from "~/features/tickets/deliver-tickets";
import type { TicketDeps } from "~/features/tickets/open-adapter";
import { saveTicketSystem, testTicketSystem } from "~/features/tickets/systems.server";
import { createExchange } from "~/platform/outgoing/exchange";
import { createTokenStore } from "~/platform/outgoing/oauth-tokens";
import { createVault } from "~/platform/vault.server";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant } from "../../support/factories";
import { startMailServer, TEST_SMTP, type TestMailServer } from "../../support/smtp";
import { TEST_ACTOR, TEST_APP_SECRET } from "../../support/sync";

const MINUTE = 60_000;

let database: TestDatabase;
let mail: TestMailServer;
let deps: TicketDeps;
let now: Date;
let ref: { tenantId: string; systemId: string; incidentId: string };

beforeEach(async () => {
  database = await createTestDatabase();
  mail = await startMailServer();
  now = new Date("2026-11-23T10:00:00Z");
  const account = {
    host: "127.0.0.1",
    port: mail.port,
    isTls: false,
    from: "Plumbline <alerts@example.com>",
  };
  deps = {
    db: database.db,
    clock: () => now,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    vault: createVault(TEST_APP_SECRET),
    exchange: createExchange({ allowPrivate: true }),
    tokens: createTokenStore(() => now),
    mailer: createMailer({ ...account, auth: TEST_SMTP }),
    publicUrl: "https://plumbline.example.com",
    nudge() {},
  };
  const tenantId = (await createTenant(database.db)).id;
  const outcome = await saveTicketSystem(
    deps,
    { tenantId, id: null },
    {
      label: "Helpdesk",
      kind: "email",
      config: { preset: "email", address: "helpdesk@example.com" },
      automaticFrom: null,
      waitMinutes: 0,
      onResolve: "close",
    },
    {},
    { allowPrivate: false, actor: TEST_ACTOR },
  );
  const { id: connectionId } = await createIntegration(database.db, { tenantId });
  const [incident] = await database.db
    .insert(incidents)
    .values({
      tenantId,
      connectionId,
      name: "Low disk space",
      severity: "critical",
      severityRank: 0,
      openedAt: now,
      lastAlertAt: now,
      deviceCount: 1,
    })
    .returning();
  ref = { tenantId, systemId: outcome.state === "saved" ? outcome.id : "", incidentId: incident!.id };
  await openTicket(deps, ref, TEST_ACTOR);
});
afterEach(async () => {
  await mail.close();
  await database.close();
});

const work = async (afterMinutes = 0) => {
  now = new Date(now.getTime() + afterMinutes * MINUTE);
  await deliverTickets(deps);
};

it("an incident is one mail to the helpdesk, and its end a reply to it with the same mark", async () => {
  await work();
  await work();
  expect(mail.received).toHaveLength(1);
  const [first] = mail.received;
  expect(first!.to).toEqual(["helpdesk@example.com"]);
  const mark = /^\[PL-[0-9A-Z]{10}\]/.exec(first!.header("Subject")!)![0];
  expect(first!.header("Subject")).toBe(`${mark} Critical: Low disk space`);

  await database.db.update(incidents).set({ state: "resolved", resolvedAt: now });
  await work(10);
  await work();
  expect(mail.received).toHaveLength(2);
  const second = mail.received[1]!;
  expect(second.header("Subject")).toBe(`Re: ${mark} Critical: Low disk space`);
  expect(second.header("In-Reply-To")).toBe(first!.header("Message-ID"));
  expect(second.header("References")).toBe(first!.header("Message-ID"));
  expect(second.source).toContain("The incident is resolved");
  expect(await database.db.select().from(tickets)).toMatchObject([{ status: "closed" }]);
});

it("a mail server that refuses gets it later, once", async () => {
  mail.answerWith(451, 550);
  for (let n = 0; n < 5; n++) await work(30);
  expect(mail.received).toHaveLength(1);
  expect(await database.db.select().from(tickets)).toMatchObject([{ status: "open" }]);
});

it("a mail whose answer was lost is not sent again: a person decides", async () => {
  const { send } = deps.mailer!;
  const lost: TicketDeps = {
    ...deps,
    mailer: {
      ...deps.mailer!,
      send: async (one) => {
        await send(one);
        return { state: "failed", reason: "no answer in time", hint: "", isUnsent: false };
      },
    },
  };
  await deliverTickets(lost);
  for (let n = 0; n < 4; n++) await work(60);
  expect(mail.received).toHaveLength(1);
  expect(await database.db.select().from(tickets)).toMatchObject([{ status: "unknown" }]);
});

it("without a mail server, the test says so", async () => {
  const system = { tenantId: ref.tenantId, id: ref.systemId };
  expect(await testTicketSystem(deps, system, TEST_ACTOR)).toEqual({ state: "done" });
  expect(await testTicketSystem({ ...deps, mailer: null }, system, TEST_ACTOR)).toMatchObject({
    reason: expect.stringContaining("no mail server is set up"),
  });
});
