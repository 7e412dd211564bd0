import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { claimNotifications, insertNotifications } from "@db/queries/notifications/notifications";
import { loadConfig } from "~/platform/env.server";
import { deliverNotifications } from "~/features/notifications/deliver";
import type { Mailer, NotifyDeps } from "~/platform/ports";
import { createMailer } from "~/features/notifications/mailer";
import { retryNotification, saveRecipients, sendTestMail } from "~/features/notifications/settings.server";
import { pruneOldNotifications } from "~/features/sync-runs/prune";

import { createTestDatabase, type TestDatabase } from "../../support/database";
import { createIntegration, createTenant, createUser } from "../../support/factories";
import { startMailServer, TEST_SMTP, type TestMailServer } from "../../support/smtp";
import { TEST_ACTOR } from "../../support/sync";

const MINUTE = 60_000;

let database: TestDatabase;
let server: TestMailServer;
let deps: NotifyDeps;
let now: Date;
let logged: string;
let tenantId: string;
let connectionId: string;

/** The mailer that the environment configures. */
const mailerAt = (url: string): Mailer =>
  createMailer(loadConfig({ SMTP_URL: url, MAIL_FROM: "Plumbline <plumbline@example.com>" }).mail!);

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startMailServer();
  now = new Date("2026-11-23T10:00:00Z");
  logged = "";
  const note = (fields: object, message: string) => void (logged += JSON.stringify(fields) + message);
  deps = {
    db: database.db,
    clock: () => now,
    log: { debug: note, info: note, warn: note, error: note },
    nudge() {},
    mailer: mailerAt(server.url),
    publicUrl: "https://plumbline.example.com",
    linkKeys: ["a key"],
  };
  tenantId = (await createTenant(database.db)).id;
  connectionId = (await createIntegration(database.db, { tenantId, label: "Main account" })).id;
});

afterEach(async () => {
  await server.close();
  await database.close();
});

const write = (subject = "Main account: a full sync failed", recipients = ["noc@example.com"]) =>
  withTenant(database.db, tenantId, (tx) =>
    insertNotifications(
      tx,
      tenantId,
      [
        {
          connectionId,
          kind: "failing",
          recipients,
          subject,
          body: 'A full sync of the Level connection "<b>Main</b>" failed.\n\nWhat to do: wait.',
        },
      ],
      now,
    ),
  );

const rows = () =>
  queryRows<{ id: string; status: string; attempts: number; error: string | null }>(
    database.db,
    sql`select id, status, attempts, last_error as error from notifications order by id`,
  );

describe("a notification", () => {
  it("is sent once to all its recipients, as plain text and HTML, with a link to the connection", async () => {
    await write(undefined, ["noc@example.com", "boss@example.com"]);
    expect(await deliverNotifications(deps)).toBe(1);
    expect(await deliverNotifications(deps)).toBe(0);
    const [row] = await rows();
    expect(row).toMatchObject({ status: "sent", attempts: 1, error: null });
    expect(server.received).toHaveLength(1);
    const mail = server.received[0]!;
    expect(mail).toMatchObject({
      from: "plumbline@example.com",
      to: ["noc@example.com", "boss@example.com"],
    });
    expect(mail.header("Subject")).toBe("Main account: a full sync failed");
    expect(mail.header("Message-ID")).toBe(`<${row!.id}@example.com>`);
    expect(mail.header("Auto-Submitted")).toBe("auto-generated");
    const source = mail.source.replace(/=\r\n/g, "").replace(/=3D/g, "=");
    expect(source).toContain(`https://plumbline.example.com/settings/integrations/${connectionId}`);
    expect(source).toContain('connection "<b>Main</b>" failed');
    expect(source).toContain("&quot;&lt;b&gt;Main&lt;/b&gt;&quot; failed");
  });

  it("gets no other header or recipient from its subject's text", async () => {
    await write("Evil\r\nBcc: everybody@example.com\r\n\r\nbody");
    await deliverNotifications(deps);
    const mail = server.received[0]!;
    expect(mail.to).toEqual(["noc@example.com"]);
    expect(mail.header("Bcc")).toBeUndefined();
  });

  it("is retried a minute after the mail server was busy, as the same message", async () => {
    await write();
    server.answerWith(451);
    expect(await deliverNotifications(deps)).toBe(1);
    expect(await deliverNotifications(deps)).toBe(0);
    expect(await rows()).toMatchObject([
      { status: "pending", attempts: 1, error: "the mail server answered: 451 refused with 451" },
    ]);
    now = new Date(now.getTime() + MINUTE);
    expect(await deliverNotifications(deps)).toBe(1);
    expect(await rows()).toMatchObject([{ status: "sent", attempts: 2, error: null }]);
    expect(server.received).toHaveLength(1);
  });

  it("is kept if the mail server refuses the password, which nobody can read", async () => {
    await write();
    const wrong = "hunter2-wrong";
    deps.mailer = mailerAt(`smtp://${TEST_SMTP.user}:${wrong}@127.0.0.1:${server.port}`);
    await deliverNotifications(deps);
    const [row] = await rows();
    expect(row).toMatchObject({ status: "pending" });
    expect(row!.error).toMatch(/^the mail server refuses user and password: 535/);
    expect(row!.error + logged).not.toContain(wrong);
    expect(server.received).toEqual([]);
  });

  it("is kept if nobody answers at the mail server's address", async () => {
    await write();
    const { port } = server;
    await server.close();
    await deliverNotifications(deps);
    expect((await rows())[0]!.error).toMatch(
      new RegExp(`^no connection to 127.0.0.1:${port}: .*ECONNREFUSED`),
    );
    server = await startMailServer();
  });

  it("counts as sent if some recipients got it, and names those who did not", async () => {
    await write(undefined, ["noc@example.com", "gone@example.com"]);
    server.unknown.add("gone@example.com");
    await deliverNotifications(deps);
    expect(server.received[0]!.to).toEqual(["noc@example.com"]);
    expect(await rows()).toMatchObject([
      { status: "sent", error: "the mail server refused gone@example.com" },
    ]);
  });

  it("is given up after a day, kept, and sent again on request", async () => {
    await write();
    const start = now.getTime();
    for (let attempts = 0; (await rows())[0]!.status === "pending"; attempts++) {
      server.answerWith(451);
      await deliverNotifications(deps);
      now = new Date(now.getTime() + 13 * MINUTE);
      expect(now.getTime() - start).toBeLessThan(27 * 60 * MINUTE);
    }
    expect(now.getTime() - start).toBeGreaterThanOrEqual(24 * 60 * MINUTE);
    const [dead] = await rows();
    expect(dead).toMatchObject({ status: "dead", attempts: 9 });
    expect(logged).toContain("could not be sent");
    const stranger = (await createTenant(database.db)).id;
    const retry = (tenant: string) =>
      retryNotification(deps, { tenantId: tenant, id: dead!.id, actor: TEST_ACTOR });
    expect(await retry(stranger)).toBe(false);
    expect(await retry(tenantId)).toBe(true);
    expect(await retry(tenantId)).toBe(false);
  });

  it("is given up at once without a mail server, and can be sent once there is one", async () => {
    await write();
    const { mailer } = deps;
    deps.mailer = null;
    await deliverNotifications(deps);
    const [dead] = await rows();
    expect(dead).toMatchObject({ status: "dead", error: "no mail server is set up (SMTP_URL, MAIL_FROM)" });
    deps.mailer = mailer;
    await retryNotification(deps, { tenantId, id: dead!.id, actor: TEST_ACTOR });
    await deliverNotifications(deps);
    expect(await rows()).toMatchObject([{ status: "sent", attempts: 1, error: null }]);
  });
});

it("notifications are deleted 90 days after they were sent or given up, and kept while they wait", async () => {
  for (const status of ["sent", "dead", "pending"]) {
    await write(status);
    await database.db.execute(sql`update notifications set status = ${status} where subject = ${status}`);
  }
  now = new Date(now.getTime() + 89 * 24 * 60 * MINUTE);
  expect(await pruneOldNotifications(deps)).toBe(0);
  now = new Date(now.getTime() + 2 * 24 * 60 * MINUTE);
  expect(await pruneOldNotifications(deps)).toBe(2);
  expect(await rows()).toMatchObject([{ status: "pending" }]);
});

describe("two senders", () => {
  it("that look at once send each notification once", async () => {
    for (let n = 0; n < 10; n++) await write(`Main account: number ${n}`);
    const made = await Promise.all([deliverNotifications(deps), deliverNotifications(deps)]);
    expect(made[0]! + made[1]!).toBe(10);
    expect(new Set(server.received.map((mail) => mail.header("Subject"))).size).toBe(10);
    expect(server.received).toHaveLength(10);
  });

  it("of which one dies: the other takes over when the claim expires, not before", async () => {
    await write();
    await claimNotifications(database.db, now, new Date(now.getTime() + 3 * MINUTE), 3);
    expect(await deliverNotifications(deps)).toBe(0);
    now = new Date(now.getTime() + 3 * MINUTE);
    expect(await deliverNotifications(deps)).toBe(1);
    expect(await rows()).toMatchObject([{ status: "sent", attempts: 2 }]);
  });

  it("of which one was suspended: its late result changes nothing", async () => {
    await write();
    const { mailer } = deps;
    const slow: Mailer = {
      verify: mailer!.verify,
      async send() {
        now = new Date(now.getTime() + 3 * MINUTE);
        await deliverNotifications({ ...deps, mailer });
        return { state: "failed", reason: "too late", hint: "" };
      },
    };
    await deliverNotifications({ ...deps, mailer: slow });
    expect(await rows()).toMatchObject([{ status: "sent", attempts: 2, error: null }]);
  });
});

describe("a test e-mail", () => {
  it("goes to the recipients of notices, and reports the mail server's answer", async () => {
    await createUser(database.db, { tenantId, email: "owner@example.com", passwordHash: "set" });
    const request = { tenantId, actor: TEST_ACTOR };
    expect(await sendTestMail(deps, request)).toEqual({
      state: "sent",
      to: ["owner@example.com"],
      refused: [],
    });
    await saveRecipients(deps, { ...request, emails: ["noc@example.com"] });
    await sendTestMail(deps, request);
    expect(server.received.map(({ to }) => to)).toEqual([["owner@example.com"], ["noc@example.com"]]);
    server.answerWith(554);
    expect(await sendTestMail(deps, request)).toMatchObject({
      state: "failed",
      reason: "the mail server answered: 554 refused with 554",
    });
    expect(await sendTestMail({ ...deps, mailer: null }, request)).toEqual({ state: "no_server" });
    const actions = await queryRows<{ action: string }>(database.db, sql`select action from audit_log`);
    expect(actions.map(({ action }) => action)).toContain("notifications.recipients_changed");
  });
});

describe("the mail server", () => {
  it("is checked without sending anything", async () => {
    expect(await deps.mailer!.verify()).toEqual({ state: "sent", refused: [] });
    expect(server.received).toEqual([]);
    expect(await mailerAt(`smtp://u:p@127.0.0.1:${server.port}`).verify()).toMatchObject({
      state: "failed",
      hint: expect.stringContaining("SMTP_URL") as string,
    });
  });

  it("gets no password without TLS unless its name is this machine's", async () => {
    const outcome = await mailerAt(server.url.replace("127.0.0.1", "0.0.0.0")).verify();
    expect(outcome).toMatchObject({
      state: "failed",
      reason: expect.stringMatching(/^no encrypted connection/) as string,
    });
  });
});
