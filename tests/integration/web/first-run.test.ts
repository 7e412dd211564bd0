import { afterEach, describe, expect, it } from "vitest";

import { createTenant } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";
import { createFirstAdministrator, ensureFirstRun } from "~/features/people/first-run.server";
import { tenants, users } from "@db/schema";

let web: WebWorld;
afterEach(() => web.close());

const form = {
  company: "Núñez & Söhne",
  name: "Ada Lovelace",
  email: "ada@example.com",
  password: "a long enough password",
};

/** The token of the link that a start prints. */
async function setupToken(): Promise<string> {
  const firstRun = await ensureFirstRun(web.app);
  const url = new URL(firstRun!.setupUrl);
  expect(url.pathname).toBe("/setup");
  return url.searchParams.get("token")!;
}

describe("the first run", () => {
  it("offers a link that makes the tenant and its first administrator, once", async () => {
    web = await createWebWorld();
    const token = await setupToken();
    const browser = web.anonymous();
    expect((await browser.get(`/setup?token=${token}`)).status).toBe(200);

    const made = await browser.post(`/setup?token=${token}`, { ...form, token });
    expect(made.status).toBe(303);
    expect((await browser.get("/settings/people")).status).toBe(200);
    expect(await web.database.db.select().from(tenants)).toMatchObject([
      { slug: "nunez-sohne", name: form.company },
    ]);
    expect(await web.database.db.select().from(users)).toMatchObject([
      { email: "ada@example.com", role: "admin" },
    ]);

    expect((await web.anonymous().get(`/setup?token=${token}`)).status).toBe(404);
    const again = await web
      .anonymous()
      .post(`/setup?token=${token}`, { ...form, email: "eve@example.com", token });
    expect(again.status).toBe(404);
    expect(await ensureFirstRun(web.app)).toBeNull();
    expect(await web.database.db.select().from(users)).toHaveLength(1);
  });

  it("has one link for all processes of an installation, since a proxy picks one for each request", async () => {
    web = await createWebWorld();
    const token = await setupToken();
    const other = await createWebWorld({}, { ...web.database.connection, url: web.database.url! });
    expect((await other.anonymous().get(`/setup?token=${token}`)).status).toBe(200);
    expect((await other.anonymous().post(`/setup?token=${token}`, { ...form, token })).status).toBe(303);
    await other.close();
  });

  it("says at sign-in where the set-up link is, until somebody has an account", async () => {
    web = await createWebWorld();
    const token = await setupToken();
    const signIn = async () => (await web.anonymous().get("/sign-in")).text();
    expect(await signIn()).toContain("Create the first administrator here (works once)");
    expect(await signIn()).not.toContain('type="password"');
    await web.anonymous().post(`/setup?token=${token}`, { ...form, token });
    expect(await signIn()).toContain('type="password"');
  });

  it("says what is wrong with an invalid link, not that the page is missing", async () => {
    web = await createWebWorld();
    const token = await setupToken();
    const page = async (value: string) => (await web.anonymous().get(`/setup?token=${value}`)).text();
    const bad = await page("guessed");
    expect(bad).toContain("The server prints the link at each start");
    expect(bad).not.toContain("There is nothing here");
    await web.anonymous().post(`/setup?token=${token}`, { ...form, token });
    expect(await page(token)).toContain("This installation is set up already");
  });

  it("counts as the first sign-in of its administrator", async () => {
    web = await createWebWorld();
    const token = await setupToken();
    await web.anonymous().post(`/setup?token=${token}`, { ...form, token });
    const [row] = await web.database.db.select().from(users);
    expect(row?.lastSignInAt).toBeInstanceOf(Date);
  });

  it("admits nobody with another token", async () => {
    web = await createWebWorld();
    await setupToken();
    expect((await web.anonymous().get("/setup?token=guessed")).status).toBe(404);
    expect((await web.anonymous().get("/setup")).status).toBe(404);
    expect((await web.anonymous().post("/setup", { ...form, token: "guessed" })).status).toBe(404);
    expect(await web.database.db.select().from(users)).toHaveLength(0);
  });

  it("says what is wrong beside each field, and keeps what was typed", async () => {
    web = await createWebWorld();
    const token = await setupToken();
    const answer = await web.anonymous().post(`/setup?token=${token}&_data=routes%2Fsetup`, {
      ...form,
      email: "not an address",
      company: " ",
      token,
    });
    expect(answer.status).toBe(422);
    const { errors, values } = (await answer.json()) as {
      errors: Record<string, string>;
      values: Record<string, string>;
    };
    expect(Object.keys(errors).sort()).toEqual(["company", "email"]);
    expect(values["name"]).toBe(form.name);
    expect(values["password"]).toBeUndefined();
    const weak = await web
      .anonymous()
      .post(`/setup?token=${token}&_data=routes%2Fsetup`, { ...form, password: "short", token });
    expect(((await weak.json()) as { errors: Record<string, string> }).errors).toHaveProperty("password");
  });

  it("makes the administrator that the environment names", async () => {
    web = await createWebWorld({ ADMIN_EMAIL: "Boss@Example.com", ADMIN_PASSWORD: "a long enough password" });
    expect(await ensureFirstRun(web.app)).toBeNull();
    const browser = web.anonymous();
    await browser.post("/sign-in", { email: "boss@example.com", password: "a long enough password" });
    expect((await browser.get("/settings/people")).status).toBe(200);
    // A second start finds them there.
    expect(await ensureFirstRun(web.app)).toBeNull();
    expect(await web.database.db.select().from(users)).toHaveLength(1);
  });

  it("gives its administrator the existing tenant", async () => {
    web = await createWebWorld({ ADMIN_EMAIL: "boss@example.com", ADMIN_PASSWORD: "a long enough password" });
    const tenant = await createTenant(web.database.db);
    await ensureFirstRun(web.app);
    expect(await web.database.db.select().from(users)).toMatchObject([{ tenantId: tenant.id }]);
  });

  it("makes one administrator if two processes start together", async () => {
    web = await createWebWorld();
    const made = await Promise.all([
      createFirstAdministrator(web.app, form),
      createFirstAdministrator(web.app, { ...form, email: "other@example.com" }),
    ]);
    expect(made.filter((user) => user !== null)).toHaveLength(1);
    expect(await web.database.db.select().from(users)).toHaveLength(1);
  });
});
