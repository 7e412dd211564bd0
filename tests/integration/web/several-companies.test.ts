import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createUser } from "@tests/support/factories";
import { createWebWorld, TEST_PASSWORD, type Browser, type WebWorld } from "@tests/support/web";
import { hashPassword, verifyPasswords } from "~/auth/password.server";
import { auditLog, tenants, users } from "@db/schema";

/** One e-mail address with an account at two companies of the installation. */
let web: WebWorld;
let one: Awaited<ReturnType<WebWorld["tenant"]>>;
let two: Awaited<ReturnType<WebWorld["tenant"]>>;
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());
beforeEach(async () => {
  one = await web.tenant();
  two = await web.tenant();
});

const people = "/settings/people?_data=routes%2F_app.settings.people";
const PASSWORD = "the password at the second company";

const invite = (browser: Browser, email: string) =>
  browser.post(people, { intent: "invite", name: "Ada", email, role: "viewer" });

/** The company that the browser is signed in to, by the name in its frame; null if none. */
async function companyOf(browser: Browser): Promise<string | null> {
  const answer = await browser.get("/?_data=routes%2F_app");
  return answer.headers.get("X-Remix-Redirect") === null
    ? ((await answer.json()) as { company: string }).company
    : null;
}

async function nameOf(tenantId: string): Promise<string> {
  const [row] = await web.database.db.select().from(tenants).where(eq(tenants.id, tenantId));
  return row!.name;
}

async function account(tenantId: string, email: string, password: string) {
  return createUser(web.database.db, { tenantId, email, passwordHash: await hashPassword(password) });
}

describe("an invitation", () => {
  it("reveals nothing about other companies: it is the same for an address that has an account there", async () => {
    const known = await invite(one.as.admin, two.users.viewer.email.toUpperCase());
    const unknown = await invite(one.as.admin, `nobody-${one.id}@example.com`);
    expect([known.status, unknown.status]).toEqual([200, 200]);
    const [a, b] = [await known.json(), await unknown.json()] as { link: { url: string } }[];
    expect(Object.keys(a!)).toEqual(Object.keys(b!));
    const pages = await Promise.all(
      [a!, b!].map(async ({ link }) => (await web.anonymous().get(new URL(link.url).pathname)).text()),
    );
    const plain = (html: string, email: string) =>
      html
        .replaceAll(email, "")
        .replace(/nonce(-|=")[^"']*/g, "")
        .replace(/\/invite\/[\w-]+/g, "")
        .replace(/"now":\d+/g, "");
    expect(plain(pages[0]!, two.users.viewer.email)).toBe(plain(pages[1]!, `nobody-${one.id}@example.com`));
  });

  it("takes nothing from the account elsewhere: password, sessions and name stay as they were", async () => {
    const { email, id } = two.users.viewer;
    const { link } = (await (await invite(one.as.admin, email)).json()) as { link: { url: string } };
    const guest = web.anonymous();
    await guest.post(new URL(link.url).pathname, { name: "Whoever has the link", password: PASSWORD });
    expect(await companyOf(guest)).toBe(await nameOf(one.id));

    expect(await companyOf(two.as.viewer)).toBe(await nameOf(two.id));
    const owner = web.anonymous();
    await owner.post("/sign-in", { email, password: TEST_PASSWORD });
    expect(await companyOf(owner)).toBe(await nameOf(two.id));
    const [row] = await web.database.db.select().from(users).where(eq(users.id, id));
    expect(row).toMatchObject({ tenantId: two.id, name: expect.stringContaining("Person") as string });
  });

  it("is refused within the company for an address it already has, whatever its case", async () => {
    const answer = await invite(one.as.admin, one.users.viewer.email.toUpperCase());
    expect(answer.status).toBe(422);
  });
});

describe("a person with accounts at two companies", () => {
  it("enters the company whose password it is", async () => {
    const email = `ada-${one.id}@example.com`;
    await account(one.id, email, TEST_PASSWORD);
    await account(two.id, email, PASSWORD);
    for (const [password, tenant] of [
      [TEST_PASSWORD, one],
      [PASSWORD, two],
    ] as const) {
      const browser = web.anonymous();
      expect(
        (await browser.post("/sign-in", { email, password, next: "/runs" })).headers.get("Location"),
      ).toBe("/runs");
      expect(await companyOf(browser)).toBe(await nameOf(tenant.id));
    }
  });

  it("chooses the company if the password is the same, and sees nothing of the other", async () => {
    const email = `bea-${one.id}@example.com`;
    await account(one.id, email, PASSWORD);
    const there = await account(two.id, email, PASSWORD);
    const browser = web.anonymous();
    const asked = await browser.post("/sign-in", { email, password: PASSWORD, next: "/runs" });
    expect(asked.status).toBe(200);
    const page = await asked.text();
    for (const tenant of [one, two]) expect(page).toContain(await nameOf(tenant.id));
    expect(await companyOf(browser)).toBeNull();

    const chosen = await browser.post("/sign-in", { account: there.id, next: "/runs" });
    expect(chosen.headers.get("Location")).toBe("/runs");
    expect(await companyOf(browser)).toBe(await nameOf(two.id));
    const written = await web.database.db
      .select({ tenantId: auditLog.tenantId })
      .from(auditLog)
      .where(and(eq(auditLog.actor, email), eq(auditLog.action, "session.started")));
    expect(written).toEqual([{ tenantId: two.id }]);
  });

  it.each([
    ["an account that was not offered", () => one.users.admin.id, 0],
    ["an offer of six minutes ago", () => null, 6],
  ])("is not admitted by %s", async (_what, accountId, minutes) => {
    const email = `cid-${one.id}@example.com`;
    const here = await account(one.id, email, PASSWORD);
    await account(two.id, email, PASSWORD);
    const browser = web.anonymous();
    await browser.post("/sign-in", { email, password: PASSWORD });
    try {
      web.setNow(new Date(Date.now() + minutes * 60_000));
      const chosen = await browser.post("/sign-in", { account: accountId() ?? here.id });
      expect(chosen.status).toBe(401);
      expect(browser.cookies.has("session")).toBe(false);
    } finally {
      web.setNow(null);
    }
  });

  it("is not admitted by an offer that was made to nobody", async () => {
    const browser = web.anonymous();
    const value = JSON.stringify({ accounts: [one.users.admin.id], until: Date.now() + 60_000 });
    browser.cookies.set("company", encodeURIComponent(Buffer.from(value).toString("base64")));
    expect((await browser.post("/sign-in", { account: one.users.admin.id })).status).toBe(401);
  });

  it("loses only at one company what its administrator removes", async () => {
    const email = `dot-${one.id}@example.com`;
    const here = await account(one.id, email, PASSWORD);
    const there = await account(two.id, email, PASSWORD);
    const [at, elsewhere] = [await web.signedIn(here), await web.signedIn(there)];
    await one.as.admin.post("/settings/people", { intent: "remove", userId: here.id });
    expect(await companyOf(at)).toBeNull();
    expect(await companyOf(elsewhere)).toBe(await nameOf(two.id));
    const strange = await one.as.admin.post(people, { intent: "renew-link", userId: there.id, email });
    expect(strange.status).toBe(404);
  });
});

describe("the time of a sign-in", () => {
  it("is the same for no account, one and two, because it compares as many passwords", async () => {
    const rows = [{ passwordHash: await hashPassword(PASSWORD) }, { passwordHash: null }];
    expect(await verifyPasswords(rows, PASSWORD)).toEqual([rows[0]]);
    expect(await verifyPasswords([], PASSWORD)).toEqual([]);
  });
});
