import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

import { queryRows, withTenant } from "@db/client";
import { readAudience } from "@db/queries/notifications/notifications";
import { everyNotice, type NoticeChoice } from "@domain/notice-choice";
import type { NoticeKind } from "@domain/notice-kinds";
import { deliverNotifications } from "~/features/notifications/deliver";
import { chooseNotices } from "~/features/notifications/own-notices.server";
import { addressesOf, notify } from "~/platform/outbox/notify";
import type { Mail } from "~/platform/ports";

import { createClient } from "../../support/factories";
import { TEST_ACTOR } from "../../support/sync";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
let sent: Mail[];
let now: Date;

beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
  sent = [];
  now = new Date("2026-10-08T10:20:00Z");
});

const deps = () => ({
  ...web.app.notify,
  clock: () => now,
  mailer: {
    send: async (mail: Mail) => {
      sent.push(mail);
      return { state: "sent" as const, refused: [] };
    },
    verify: async () => ({ state: "sent" as const, refused: [] }),
  },
});

const choose = (role: "admin" | "viewer", choice: Partial<NoticeChoice>) =>
  chooseNotices(
    deps(),
    { tenantId: tenant.id, userId: tenant.users[role].id, actor: TEST_ACTOR },
    { ...everyNotice, ...choice },
  );

const tell = (subject: string, kind: NoticeKind = "rule_stopped") =>
  withTenant(web.app.db, tenant.id, (tx) =>
    notify(
      tx,
      tenant.id,
      [{ kind, connectionId: null, path: "/alerts", subject, body: `${subject} happened.` }],
      now,
    ),
  );

const mails = () => sent.map(({ to, subject }) => ({ to: to.join(), subject }));

it("each person gets what they chose, and a list of addresses gets every notice", async () => {
  const { admin, viewer, technician } = tenant.users;
  await tenantEmails("noc@example.com", technician.email.toUpperCase());
  await choose("admin", { kinds: ["held"] });
  await choose("viewer", { kinds: ["rule_stopped"] });
  await tell("A rule has stopped");
  await deliverNotifications(deps());
  expect(
    mails()
      .map(({ to }) => to)
      .sort(),
  ).toEqual(["noc@example.com", technician.email, viewer.email].sort());
  const audience = await withTenant(web.app.db, tenant.id, (tx) => readAudience(tx, tenant.id));
  expect(addressesOf(audience)).toContain(admin.email);
});

it("a person who chose one e-mail an hour gets one for all notices of the hour, even if senders are killed or doubled", async () => {
  await choose("admin", { pace: "hourly" });
  await tell("First");
  now = new Date("2026-10-08T10:40:00Z");
  await tell("Second");
  await deliverNotifications(deps());
  expect(sent).toEqual([]);
  now = new Date("2026-10-08T11:00:01Z");
  await Promise.all([deliverNotifications(deps()), deliverNotifications(deps())]);
  await deliverNotifications(deps());
  expect(mails()).toEqual([{ to: tenant.users.admin.email, subject: "2 notices" }]);
  expect(sent[0]!.text).toMatch(/First happened\..*\/alerts[^]*Second happened\./);
  const left = await queryRows(
    web.app.db,
    sql`select kind, status from notifications where tenant_id = ${tenant.id}`,
  );
  expect(left).toEqual([{ kind: "digest", status: "sent" }]);
});

it("a daily e-mail goes out at eight in the company's time zone, and at once for a person who changes to that meanwhile", async () => {
  await web.app.db.execute(sql`update tenants set time_zone = 'America/New_York' where id = ${tenant.id}`);
  await choose("admin", { pace: "daily" });
  await tell("Overnight");
  now = new Date("2026-10-08T11:59:00Z");
  await deliverNotifications(deps());
  expect(sent).toEqual([]);
  now = new Date("2026-10-08T12:00:00Z");
  await deliverNotifications(deps());
  expect(mails()).toEqual([{ to: tenant.users.admin.email, subject: "Overnight" }]);
  await tell("Later");
  await choose("admin", { pace: "now" });
  await deliverNotifications(deps());
  expect(mails()).toHaveLength(2);
});

it("a mail program unsubscribes a person with one click and no sign-in, and nobody with an altered link", async () => {
  await tell("A rule has stopped");
  await deliverNotifications(deps());
  const link = new URL(sent[0]!.unsubscribe!);
  expect(sent[0]!.text).toContain(link.href);
  const visitor = web.anonymous();
  expect(await (await visitor.get(link.pathname)).text()).toContain(tenant.users.admin.email);
  const bare = { Origin: null, "Sec-Fetch-Site": null };
  const altered = link.pathname.replace(tenant.users.admin.id, tenant.users.viewer.id);
  expect((await visitor.post(altered, { "List-Unsubscribe": "One-Click" }, bare)).status).toBe(404);
  expect((await visitor.post(link.pathname, { "List-Unsubscribe": "One-Click" }, bare)).status).toBe(200);
  expect((await visitor.post(link.pathname, { "List-Unsubscribe": "One-Click" }, bare)).status).toBe(200);
  await tell("Another has stopped");
  await deliverNotifications(deps());
  expect(sent).toHaveLength(1);
  const log = await queryRows(
    web.app.db,
    sql`select actor from audit_log where tenant_id = ${tenant.id} and action = 'notifications.chosen'`,
  );
  expect(log).toHaveLength(1);
});

it("the page of a person's own settings stores their choice, and no client of another company", async () => {
  const ours = await createClient(web.app.db, { tenantId: tenant.id, name: "Acme" });
  const theirs = await createClient(web.app.db, { tenantId: (await web.tenant()).id, name: "Zenith" });
  const fields = {
    intent: "save",
    pace: "daily",
    severity: "major",
    kind: ["rule_matched", "held"],
    client: [ours.id, theirs.id],
  };
  await tenant.as.viewer.post("/settings/account/notices", fields);
  const [row] = await queryRows<{ choice: NoticeChoice }>(
    web.app.db,
    sql`select notice_choice as choice from users where id = ${tenant.users.viewer.id}`,
  );
  expect(row!.choice).toEqual({
    pace: "daily",
    severity: "major",
    kinds: ["held", "rule_matched"],
    clientIds: [ours.id],
  });
  const page = await (await tenant.as.viewer.get("/settings/account/notices")).text();
  expect(page).toContain("Acme");
  expect(page).not.toContain("Zenith");
});

const tenantEmails = (...emails: string[]) =>
  web.app.db.execute(
    sql`update tenants set notify_emails = ${`{${emails.join()}}`}::text[] where id = ${tenant.id}`,
  );
