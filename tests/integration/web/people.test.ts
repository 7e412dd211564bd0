import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createWebWorld, TEST_PASSWORD, type Browser, type WebWorld } from "@tests/support/web";
import { auditLog, users } from "@db/schema";

let web: WebWorld;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.tenant();
});

const people = "/settings/people?_data=routes%2F_app.settings.people";

const invite = (browser: Browser, fields: Record<string, string> = {}) =>
  browser.post(people, {
    intent: "invite",
    name: "New One",
    email: "new@example.com",
    role: "viewer",
    ...fields,
  });

const find = async (id: string) => (await web.database.db.select().from(users).where(eq(users.id, id)))[0];

describe("inviting", () => {
  it("gives a link, shown once, with which a person sets a password and is signed in", async () => {
    const email = `guest-${tenant.id}@example.com`;
    const answer = (await (await invite(tenant.as.admin, { email })).json()) as { link: { url: string } };
    const path = new URL(answer.link.url).pathname;
    expect(path).toMatch(/^\/invite\/[\w-]{40,}$/);
    expect(await (await tenant.as.admin.get("/settings/people")).text()).not.toContain(path);

    const guest = web.anonymous();
    expect(await (await guest.get(path)).text()).toContain(email);
    const weak = await guest.post(path, { name: "New One", password: "short" });
    expect(weak.status).toBe(422);
    const accepted = await guest.post(path, { name: "New Name", password: "an entirely new password" });
    expect(accepted.status).toBe(303);
    expect((await guest.get("/")).status).toBe(200);
    expect((await guest.get("/settings/people")).status).toBe(403);
    const [row] = await web.database.db.select().from(users).where(eq(users.email, email));
    expect(row?.lastSignInAt, "accepting it is the first sign-in").toBeInstanceOf(Date);

    const usedUp = await web.anonymous().get(path);
    expect(usedUp.status).toBe(404);
    const said = await usedUp.text();
    expect(said).toContain("works once, within seven days");
    expect(said).not.toContain("There is nothing here");
    const again = await web.anonymous().post(path, { name: "Eve", password: "an entirely new password" });
    expect(again.status).toBe(404);
    const signIn = await web.anonymous().post("/sign-in", { email, password: "an entirely new password" });
    expect(signIn.status).toBe(303);
  });

  it("keeps a name as text on one line, whatever was sent", async () => {
    const email = `odd-${tenant.id}@example.com`;
    expect((await invite(tenant.as.admin, { email, name: " Ada\u0000 \n Lovelace " })).status).toBe(200);
    const [row] = await web.database.db.select().from(users).where(eq(users.email, email));
    expect(row?.name).toBe("Ada Lovelace");
    const refused = (await (await invite(tenant.as.admin, { email: "\u0000", name: "\u0000" })).json()) as {
      errors: Record<string, string>;
    };
    expect(Object.keys(refused.errors).sort()).toEqual(["email", "name"]);
  });

  it("keeps the link for seven days", async () => {
    const email = `late-${tenant.id}@example.com`;
    const { link } = (await (await invite(tenant.as.admin, { email })).json()) as { link: { url: string } };
    const path = new URL(link.url).pathname;
    try {
      web.setNow(new Date(Date.now() + 6.9 * 86_400_000));
      expect((await web.anonymous().get(path)).status).toBe(200);
      web.setNow(new Date(Date.now() + 7.1 * 86_400_000));
      expect((await web.anonymous().get(path)).status).toBe(404);
    } finally {
      web.setNow(null);
    }
  });

  it("refuses an address that the company's people already have", async () => {
    const answer = await invite(tenant.as.admin, { email: tenant.users.viewer.email.toUpperCase() });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toHaveProperty("errors.email");
  });

  it("makes a link for a lost password, which ends earlier sessions", async () => {
    const { viewer } = tenant.users;
    const answer = await tenant.as.admin.post(people, {
      intent: "renew-link",
      userId: viewer.id,
      email: viewer.email,
    });
    const { link } = (await answer.json()) as { link: { url: string } };
    expect((await tenant.as.viewer.get("/")).status).toBe(200);
    const elsewhere = web.anonymous();
    await elsewhere.post(new URL(link.url).pathname, {
      name: "Viewer",
      password: "an entirely new password",
    });
    expect((await elsewhere.get("/")).status).toBe(200);
    expect((await tenant.as.viewer.get("/")).status).toBe(302);
    const old = await web.anonymous().post("/sign-in", { email: viewer.email, password: TEST_PASSWORD });
    expect(old.status).toBe(401);
  });
});

describe("roles", () => {
  it("change at once, without a new sign-in", async () => {
    expect((await tenant.as.technician.get("/settings/people")).status).toBe(403);
    await tenant.as.admin.post("/settings/people", {
      intent: "change-role",
      userId: tenant.users.technician.id,
      role: "admin",
    });
    expect((await tenant.as.technician.get("/settings/people")).status).toBe(200);
  });

  it("leave one administrator: the last can be neither demoted nor removed", async () => {
    const demoted = await tenant.as.admin.post(people, {
      intent: "change-role",
      userId: tenant.users.admin.id,
      role: "viewer",
    });
    expect(demoted.status).toBe(409);
    expect((await find(tenant.users.admin.id))?.role).toBe("admin");
  });

  it("leave one administrator if two demote each other at the same moment", async () => {
    const { admin, technician } = tenant.users;
    await tenant.as.admin.post(people, { intent: "change-role", userId: technician.id, role: "admin" });
    await Promise.all([
      tenant.as.admin.post(people, { intent: "change-role", userId: technician.id, role: "viewer" }),
      tenant.as.technician.post(people, { intent: "change-role", userId: admin.id, role: "viewer" }),
    ]);
    const roles = [(await find(admin.id))?.role, (await find(technician.id))?.role];
    expect(roles.filter((role) => role === "admin").length).toBeGreaterThanOrEqual(1);
  });
});

describe("ending somebody's sessions", () => {
  const end = (browser: Browser, userId: string) => browser.post(people, { intent: "end-sessions", userId });

  it("signs them out everywhere, is recorded, and lets them sign in again", async () => {
    const { viewer } = tenant.users;
    const elsewhere = await web.signedIn({ id: viewer.id, tenantId: tenant.id });
    expect((await end(tenant.as.admin, viewer.id)).headers.get("X-Remix-Redirect")).toBe("/settings/people");
    for (const browser of [tenant.as.viewer, elsewhere]) expect((await browser.get("/")).status).toBe(302);
    const log = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, tenant.id));
    expect(log.at(-1)).toMatchObject({
      action: "person.signed_out",
      actor: tenant.users.admin.email,
      details: { email: viewer.email, sessions: 2 },
    });
    const again = await web.anonymous().post("/sign-in", { email: viewer.email, password: TEST_PASSWORD });
    expect(again.status).toBe(303);
  });

  it("is refused for oneself, and for somebody of another tenant", async () => {
    expect((await end(tenant.as.admin, tenant.users.admin.id)).status).toBe(409);
    const other = await web.tenant();
    expect((await end(tenant.as.admin, other.users.viewer.id)).status).toBe(404);
    expect((await other.as.viewer.get("/")).status).toBe(200);
  });
});

describe("removing", () => {
  it("signs the person out at once and keeps what they did in the log", async () => {
    const { viewer } = tenant.users;
    await tenant.as.admin.post("/settings/people", { intent: "remove", userId: viewer.id });
    expect((await tenant.as.viewer.get("/")).status).toBe(302);
    expect(await find(viewer.id)).toBeUndefined();
    const log = await web.database.db.select().from(auditLog).where(eq(auditLog.tenantId, tenant.id));
    expect(log.map((entry) => entry.action)).toContain("person.removed");
    expect(log.at(-1)).toMatchObject({ actor: tenant.users.admin.email, ip: "192.0.2.1" });
  });

  it("is refused for oneself", async () => {
    const answer = await tenant.as.admin.post(people, { intent: "remove", userId: tenant.users.admin.id });
    expect(answer.status).toBe(409);
  });

  it("finds nobody of another tenant", async () => {
    const other = await web.tenant();
    for (const intent of ["remove", "change-role", "renew-link", "end-sessions"]) {
      const answer = await tenant.as.admin.post(people, {
        intent,
        userId: other.users.viewer.id,
        role: "viewer",
      });
      expect(answer.status, intent).toBe(404);
    }
    expect(await find(other.users.viewer.id)).toMatchObject({ role: "viewer", inviteTokenHash: null });
    expect((await other.as.viewer.get("/")).status).toBe(200);
  });
});
