import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createTenant, createUser } from "@tests/support/factories";
import { createWebWorld, TEST_ORIGIN, TEST_PASSWORD, type WebWorld } from "@tests/support/web";
import { hashPassword } from "~/auth/password.server";
import { signIn } from "~/auth/sign-in.server";

let web: WebWorld;
beforeAll(async () => {
  web = await createWebWorld();
});
afterAll(() => web.close());

async function person(email: string) {
  const tenant = await createTenant(web.database.db);
  const passwordHash = await hashPassword(TEST_PASSWORD);
  return createUser(web.database.db, { tenantId: tenant.id, email, role: "admin", passwordHash });
}

const data = "_data=routes%2Fsign-in";

describe("signing in", () => {
  it("accepts the right password, whatever the case of the address, and leads to the requested page", async () => {
    await person("Ada@Example.com");
    const browser = web.anonymous();
    const answer = await browser.post("/sign-in", {
      email: " ada@example.COM",
      password: TEST_PASSWORD,
      next: "/runs",
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toBe("/runs");
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith("session="));
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect((await browser.get("/")).status).toBe(200);
  });

  it("gives the same answer for a wrong password and an unknown address", async () => {
    await person("bob@example.com");
    const ask = async (email: string) => {
      const answer = await web.anonymous().post(`/sign-in?${data}`, { email, password: "not the password" });
      return { status: answer.status, body: ((await answer.json()) as { errors: unknown }).errors };
    };
    const wrong = await ask("bob@example.com");
    expect(wrong.status).toBe(401);
    expect(await ask("nobody@example.com")).toEqual(wrong);
  });

  it.each([
    ["nobody\u0000@example.com", 401],
    ["\u0000", 422],
  ])("treats %j, which no database can store, as unknown or empty", async (email, status) => {
    const answer = await web.anonymous().post(`/sign-in?${data}`, { email, password: "not the password" });
    expect(answer.status).toBe(status);
  });

  it("never sends the password back", async () => {
    await person("carl@example.com");
    const answer = await web
      .anonymous()
      .post("/sign-in", { email: "carl@example.com", password: "s3cret-and-wrong" });
    expect(answer.status).toBe(401);
    const page = await answer.text();
    expect(page).toContain("carl@example.com");
    expect(page).not.toContain("s3cret-and-wrong");
  });

  it("never leads to another site", async () => {
    await person("dora@example.com");
    for (const next of [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
    ]) {
      const answer = await web
        .anonymous()
        .post("/sign-in", { email: "dora@example.com", password: TEST_PASSWORD, next });
      expect(answer.headers.get("Location"), next).toBe("/");
    }
  });

  it("throttles guessing, even with the right password, and says for how long", async () => {
    await person("eve@example.com");
    const browser = web.anonymous();
    const attempt = (password: string) =>
      browser.post(`/sign-in?${data}`, { email: "eve@example.com", password });
    for (let i = 0; i < 5; i++) expect((await attempt("wrong again")).status).toBe(401);
    const blocked = await attempt(TEST_PASSWORD);
    expect(blocked.status).toBe(429);
    expect(Number(blocked.headers.get("Retry-After"))).toBeGreaterThan(60);
    expect(browser.cookies.has("session")).toBe(false);
  });

  it("answers as fast for a known e-mail as for an unknown one, without waiting for the audit log", async () => {
    await person("flo@example.com");
    const stuck = new Proxy(web.app.db, {
      get: (db, name) =>
        name === "insert"
          ? () => ({ values: () => new Promise(() => {}) })
          : (Reflect.get(db, name) as unknown),
    });
    const given = { email: "flo@example.com", password: "not the password" };
    const outcome = await signIn({ ...web.app, db: stuck }, given, {
      ip: null,
      userAgent: null,
      cookies: null,
    });
    expect(outcome).toEqual({ outcome: "wrong" });
  });

  it("refuses a form from another site", async () => {
    await person("fay@example.com");
    const form = { email: "fay@example.com", password: TEST_PASSWORD };
    const evil: Record<string, string>[] = [
      { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" },
      { Origin: "null", "Sec-Fetch-Site": "cross-site" },
      { Origin: TEST_ORIGIN, "Sec-Fetch-Site": "same-site" },
    ];
    for (const headers of evil) {
      const browser = web.anonymous();
      expect((await browser.post(`/sign-in?${data}`, form, headers)).status).toBe(403);
      // A whole page is refused too, in part by the framework before the app's own check.
      expect((await browser.post("/sign-in", form, headers)).status).toBeGreaterThanOrEqual(400);
      expect(browser.cookies.has("session")).toBe(false);
    }
  });
});

describe("a session", () => {
  it("ends with signing out", async () => {
    const browser = await web.signedIn(await person("gus@example.com"));
    const session = browser.cookies.get("session")!;
    expect((await browser.post("/sign-out", {})).headers.get("Location")).toBe("/sign-in");
    // The former cookie is of no use either.
    browser.cookies.set("session", session);
    expect((await browser.get("/")).headers.get("Location")).toBe("/sign-in?ended=idle");
  });

  it("ends after two weeks without use, is extended by use, and ends after 60 days in any case", async () => {
    const start = Date.now();
    const at = (days: number) => web.setNow(new Date(start + days * 86_400_000));
    try {
      at(0);
      const idle = await web.signedIn(await person("hal@example.com"));
      const busy = await web.signedIn(await person("ida@example.com"));
      for (const day of [10, 20, 30, 40, 50, 59]) {
        at(day);
        expect((await busy.get("/")).status, `day ${day}`).toBe(200);
        if (day > 14) expect((await idle.get("/")).status, `idle on day ${day}`).toBe(302);
      }
      at(61);
      expect((await busy.get("/")).status).toBe(302);
    } finally {
      web.setNow(null);
    }
  });

  it("keeps the requested page for after signing in", async () => {
    const answer = await web.anonymous().get("/assets?state=online&page=2");
    expect(answer.headers.get("Location")).toBe(
      `/sign-in?next=${encodeURIComponent("/assets?state=online&page=2")}`,
    );
  });

  it("that was ended elsewhere is reported as ended, and leads back to the page", async () => {
    const user = await person("liv@example.com");
    const [here, there] = [await web.signedIn(user), await web.signedIn(user)];
    await there.post("/settings/account", { intent: "end-others" });

    const asked = await here.get("/runs?state=failed");
    const address = asked.headers.get("Location")!;
    expect(new URL(address, TEST_ORIGIN).searchParams.get("next")).toBe("/runs?state=failed");
    const page = await (await here.get(address)).text();
    expect(page).toContain("Your session has ended");
    const back = await here.post(address, {
      email: user.email,
      password: TEST_PASSWORD,
      next: "/runs?state=failed",
    });
    expect(back.headers.get("Location")).toBe("/runs?state=failed");
    // A visitor who was never signed in gets no such message.
    expect(await (await web.anonymous().get("/sign-in")).text()).not.toContain("Your session has ended");
  });

  it("that ended while a form was open leads back to the form, and says that nothing was saved", async () => {
    const user = await person("max@example.com");
    const [here, there] = [await web.signedIn(user), await web.signedIn(user)];
    await there.post("/settings/account", { intent: "end-others" });
    const send = async (Referer: string) => {
      const answer = await here.post("/clients?index", { intent: "create", name: "Acme" }, { Referer });
      return new URL(answer.headers.get("Location")!, TEST_ORIGIN).searchParams;
    };
    const asked = await send(`${TEST_ORIGIN}/clients?archived=1`);
    expect(asked.get("next")).toBe("/clients?archived=1");
    expect(await (await here.get(`/sign-in?${asked}`)).text()).toContain("what you sent was not saved");
    expect((await send("https://elsewhere.example/clients")).get("next")).toBeNull();
  });

  it("answers 401 to a script and to a download after its end, without a page", async () => {
    const nobody = "0193a0f2-0000-7000-8000-000000000000";
    const progress = `/settings/integrations/levelio/${nobody}/progress`;
    for (const Accept of ["application/json, text/plain", "text/event-stream"]) {
      const answer = await web.anonymous().get(progress, { Accept });
      expect(answer.status, Accept).toBe(401);
    }
    const download = await web.anonymous().get("/clients.csv", { Accept: "text/html,*/*;q=0.8" });
    expect(download.headers.get("Location")).toBe("/sign-in");
  });

  it("is ended everywhere else by a new password", async () => {
    const user = await person("jan@example.com");
    const [here, there] = [await web.signedIn(user), await web.signedIn(user)];
    const wrong = await here.post("/settings/account", {
      intent: "password",
      current: "not this one",
      password: "quite a new password",
    });
    expect(wrong.status).toBe(422);
    const right = await here.post("/settings/account", {
      intent: "password",
      current: TEST_PASSWORD,
      password: "quite a new password",
    });
    expect(right.status).toBe(303);
    expect((await here.get("/")).status).toBe(200);
    expect((await there.get("/")).status).toBe(302);
    const again = await web
      .anonymous()
      .post("/sign-in", { email: user.email, password: "quite a new password" });
    expect(again.status).toBe(303);
  });

  it("that somebody left open is no place to guess the password", async () => {
    const user = await person("joe@example.com");
    const browser = await web.signedIn(user);
    const change = (current: string) =>
      browser.post("/settings/account", { intent: "password", current, password: "quite a new password" });
    for (let i = 0; i < 5; i++) expect((await change("wrong again")).status).toBe(422);
    const blocked = await change(TEST_PASSWORD);
    expect(blocked.status).toBe(429);
    expect(await blocked.text()).toContain("Too many attempts. Try again in");
  });

  it("can be ended one by one, but never somebody else's", async () => {
    const user = await person("kim@example.com");
    const [here, there] = [await web.signedIn(user), await web.signedIn(user)];
    const stranger = await web.signedIn(await person("lea@example.com"));
    const page = await (await here.get(`/settings/account?_data=routes%2F_app.settings.account`)).json();
    const other = (page as { sessions: { id: string; isThis: boolean }[] }).sessions.find(
      (row) => !row.isThis,
    )!;
    await stranger.post("/settings/account", { intent: "end-session", session: other.id });
    expect((await there.get("/")).status).toBe(200);
    for (const session of ["", "\u0000", `${other.id}0`]) {
      expect((await here.post("/settings/account", { intent: "end-session", session })).status).toBe(422);
    }
    await here.post("/settings/account", { intent: "end-session", session: other.id });
    expect((await there.get("/")).status).toBe(302);
  });
});

describe("every page", () => {
  it("has a strict policy: scripts by nonce only, a new one each time, no frames", async () => {
    const nonces = new Set<string>();
    for (const path of ["/sign-in", "/sign-in", "/nowhere"]) {
      const response = await web.anonymous().get(path);
      const policy = response.headers.get("Content-Security-Policy") ?? "";
      if (response.status === 302) continue;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
      const page = await response.text();
      for (const script of page.match(/<script[^>]*>/g) ?? []) expect(script).toContain(`nonce="${nonce}"`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(2);
  });

  it("refuses a form of 10 MB with a reason", async () => {
    const browser = await web.signedIn(await person("ned@example.com"));
    const answer = await browser.post("/clients?index", {
      intent: "create",
      name: "x".repeat(10 * 1024 * 1024),
    });
    expect(answer.status).toBe(413);
    expect(await answer.text()).toContain("too large");
  });
});
