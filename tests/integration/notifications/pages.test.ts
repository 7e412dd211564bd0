import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { insertNotifications } from "@db/queries/notifications/notifications";
import { deliverNotifications } from "~/features/notifications/deliver";
import { diagnose } from "~/features/operations/doctor";

import { createIntegration } from "../../support/factories";
import { startMailServer, TEST_SMTP, type TestMailServer } from "../../support/smtp";
import { createWebWorld, type WebWorld } from "../../support/web";

const HERE = "/settings/notifications";

let web: WebWorld;
let server: TestMailServer;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let connectionId: string;

beforeAll(async () => {
  server = await startMailServer();
  web = await createWebWorld({ SMTP_URL: server.url, MAIL_FROM: "Plumbline <plumbline@example.com>" });
  tenant = await web.tenant();
  connectionId = (await createIntegration(web.app.db, { tenantId: tenant.id, label: "Main account" })).id;
});
afterAll(async () => {
  await web.close();
  await server.close();
});

const read = async (browser = tenant.as.admin) => (await browser.get(HERE)).text();
const act = (fields: Record<string, string>, browser = tenant.as.admin) => browser.post(HERE, fields);

describe("the page of notifications", () => {
  it("shows the recipients, accepts others, and returns to the administrators", async () => {
    expect(await read()).toContain(tenant.users.admin.email);
    await act({
      intent: "save-recipients",
      recipients: "noc@example.com, boss@example.com\nNOC@example.com",
    });
    const page = await read();
    expect(page).toContain("NOC@example.com, boss@example.com");
    expect(page).not.toContain(`Goes to <span class="break-words text-ink">${tenant.users.admin.email}`);
    await act({ intent: "save-recipients", recipients: " " });
    const rows = await queryRows(web.app.db, sql`select notify_emails from tenants where id = ${tenant.id}`);
    expect(rows).toEqual([{ notify_emails: [] }]);
  });

  it.each([
    ["not-an-address", "is not an e-mail address"],
    [Array.from({ length: 21 }, (_, n) => `p${n}@example.com`).join(), "at most 20"],
  ])("refuses %s, and keeps what was typed", async (recipients, reason) => {
    const answer = await act({ intent: "save-recipients", recipients });
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain(reason);
    expect(page).toContain(recipients);
  });

  it("sends a test e-mail and reports the mail server's answer", async () => {
    expect(await (await act({ intent: "test" })).text()).toContain(
      `The mail server accepted it for ${tenant.users.admin.email}`,
    );
    expect(server.received.at(-1)!.to).toEqual([tenant.users.admin.email]);
    server.answerWith(554);
    const page = await (await act({ intent: "test" })).text();
    expect(page).toContain("Not sent: the mail server answered: 554");
    expect(page).not.toContain(TEST_SMTP.password);
  });

  it("lists the tenant's notifications, and sends again what was given up", async () => {
    const notification = {
      connectionId,
      kind: "failing" as const,
      recipients: ["noc@example.com"],
      subject: "Main account: a full sync failed",
      body: "It failed.",
    };
    await withTenant(web.app.db, tenant.id, (tx) =>
      insertNotifications(tx, tenant.id, [notification], new Date()),
    );
    expect(await read()).toContain("Waiting");
    await web.app.db.execute(sql`update notifications set status = 'dead', last_error = 'no answer'`);
    const page = await read();
    expect(page).toMatch(
      /Main account: a full sync failed.*noc@example.com.*Given up.*no answer.*Send again/s,
    );
    const [{ id }] = (await queryRows<{ id: string }>(web.app.db, sql`select id from notifications`)) as [
      { id: string },
    ];
    const stranger = await web.tenant();
    expect(await read(stranger.as.admin)).toContain("No notifications yet");
    expect((await act({ intent: "retry", id }, stranger.as.admin)).status).toBe(404);
    expect((await act({ intent: "retry", id })).status).toBe(303);
    await deliverNotifications(web.app.notify);
    expect(server.received.at(-1)!.header("Subject")).toBe("Main account: a full sync failed");
    expect(await read()).toContain("Sent");
  });
});

describe("the doctor", () => {
  const mailFinding = async (mailer: WebWorld["app"]["notify"]["mailer"]) =>
    (
      await diagnose(web.app.sync, {
        warnings: [],
        databaseKind: web.database.kind,
        runner: "embedded",
        isAlive: () => Promise.resolve(true),
        levelTime: () => Promise.resolve(null),
        mailer,
      })
    ).find(({ check }) => check === "mail");

  it("signs in to the mail server, sends nothing, and says what to do", async () => {
    const sent = server.received.length;
    expect(await mailFinding(web.app.notify.mailer)).toMatchObject({ state: "ok" });
    expect(server.received).toHaveLength(sent);
    expect(await mailFinding(null)).toMatchObject({
      state: "warning",
      hint: expect.stringContaining("SMTP_URL") as string,
    });
  });
});
