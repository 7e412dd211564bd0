import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { createUser } from "@tests/support/factories";
import { startMailServer, type TestMailServer } from "@tests/support/smtp";
import { createWebWorld, TEST_PASSWORD, type Browser, type WebWorld } from "@tests/support/web";
import { hashPassword } from "~/auth/password.server";
import { throttleOf } from "~/auth/throttle.server";
import { auditLog, users } from "@db/schema";

/** Milliseconds; without it a wait gives up after a second. */
const PATIENTLY = { timeout: 60_000 };

let web: WebWorld;
let mail: TestMailServer;
let tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
beforeAll(async () => {
  mail = await startMailServer();
  web = await createWebWorld({ SMTP_URL: mail.url, MAIL_FROM: "Plumbline <plumbline@example.com>" });
});
afterAll(async () => {
  await web.close();
  await mail.close();
});
beforeEach(async () => {
  tenant = await web.tenant();
});
afterEach(() => web.setNow(null));

const page = "/sign-in?_data=routes%2Fsign-in";
const signIn = (browser: Browser, email: string, password = TEST_PASSWORD) =>
  browser.post(page, { email, password }).then((answer) => answer.status);
const IN = 204;

/** As many wrong passwords as one e-mail is allowed, from many networks. */
async function attack(email: string): Promise<void> {
  for (let i = 0; i < 50; i++) await throttleOf(web.app).attempt(email, `198.51.100.${i}`);
}

const people = async (browser: Browser) => (await browser.get("/settings/people")).text();

describe("a person who tries many passwords for an e-mail", () => {
  it("does not lock the owner out of a browser in which they have signed in before", async () => {
    const { email } = tenant.users.technician;
    const mine = web.anonymous();
    expect(await signIn(mine, email)).toBe(IN);
    mine.cookies.delete("session");
    await attack(email);

    expect(await signIn(web.anonymous(), email)).toBe(429);
    expect(await signIn(mine, email, "mistyped")).toBe(401);
    expect(await signIn(mine, email)).toBe(IN);
  });

  it("cannot go on guessing for long from such a browser, nor for anybody else", async () => {
    const { technician, viewer } = tenant.users;
    const mine = web.anonymous();
    expect(await signIn(mine, technician.email)).toBe(IN);
    await attack(technician.email);
    await attack(viewer.email);
    for (let i = 0; i < 5; i++) expect(await signIn(mine, technician.email, "a guess")).toBe(401);
    expect(await signIn(mine, technician.email)).toBe(429);
    expect(await signIn(mine, viewer.email)).toBe(429);
  });

  it("gains nothing by a forged device cookie, or by an account of the same address elsewhere", async () => {
    const { email } = tenant.users.technician;
    const forged = web.anonymous();
    const value = JSON.stringify({ id: "x", accounts: [tenant.users.technician.id] });
    forged.cookies.set("device", encodeURIComponent(Buffer.from(value).toString("base64")));
    const elsewhere = await web.tenant();
    await createUser(web.database.db, {
      tenantId: elsewhere.id,
      email,
      passwordHash: await hashPassword("the other company's password"),
    });
    const namesake = web.anonymous();
    expect(await signIn(namesake, email, "the other company's password")).toBe(IN);
    await attack(email);

    expect(await signIn(forged, email)).toBe(429);
    // The right password of the account here, from a browser in which only the account there has signed in.
    expect(await signIn(namesake, email)).toBe(401);
  });

  it("is unlocked by an administrator, who sees the lock", async () => {
    const { email, id } = tenant.users.viewer;
    await attack(email);
    expect(await people(tenant.as.admin)).not.toContain("Sign-in locked");
    expect(await signIn(web.anonymous(), email)).toBe(429);
    await vi.waitFor(
      async () => expect(await people(tenant.as.admin)).toContain("Sign-in locked"),
      PATIENTLY,
    );

    const unlock = await tenant.as.admin.post("/settings/people", { intent: "unlock-sign-in", userId: id });
    expect(unlock.status).toBe(303);
    expect(await people(tenant.as.admin)).not.toContain("Sign-in locked");
    expect(await signIn(web.anonymous(), email)).toBe(IN);
    web.setNow(new Date(Date.now() + 16 * 60_000));
    expect(await signIn(web.anonymous(), email)).toBe(429);
  });

  it("cannot be unlocked by another company that has an account of the same address", async () => {
    const { email } = tenant.users.viewer;
    const elsewhere = await web.tenant();
    const passwordHash = await hashPassword("the other company's password");
    const namesake = await createUser(web.database.db, { tenantId: elsewhere.id, email, passwordHash });
    await attack(email);
    await elsewhere.as.admin.post("/settings/people", { intent: "unlock-sign-in", userId: namesake.id });
    expect(await signIn(web.anonymous(), email)).toBe(401);
    expect(await signIn(web.anonymous(), email, "the other company's password")).toBe(IN);
  });

  it("causes one e-mail a day to the owner, and an entry in the audit log", async () => {
    const { email, id } = tenant.users.technician;
    const told = () => mail.received.filter(({ to }) => to.includes(email));
    await attack(email);
    expect(await signIn(web.anonymous(), email)).toBe(429);
    await vi.waitFor(() => expect(told()).toHaveLength(1), PATIENTLY);
    expect(told()[0]!.header("Subject")).toContain("wrong passwords");
    expect(await signIn(web.anonymous(), email)).toBe(429);
    const locks = () => web.database.db.select().from(auditLog).where(eq(auditLog.targetId, id));
    expect((await locks()).map(({ action }) => action)).toEqual(["person.sign_in_locked"]);

    web.setNow(new Date(Date.now() + 3_600_000));
    expect(await signIn(web.anonymous(), email)).toBe(429);
    await vi.waitFor(async () => expect(await locks()).toHaveLength(2), PATIENTLY);
    expect(told()).toHaveLength(1);
  });

  it("does not keep a signed-in person from changing the password", async () => {
    const { email, id } = tenant.users.viewer;
    await attack(email);
    const change = await tenant.as.viewer.post("/settings/account", {
      intent: "password",
      current: TEST_PASSWORD,
      password: "quite a new password",
    });
    expect(change.status).toBe(303);
    const [row] = await web.database.db.select().from(users).where(eq(users.id, id));
    expect(row?.signInLockedUntil).toBeNull();
  });
});
