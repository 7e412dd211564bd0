import { describe, expect, it } from "vitest";

import { ConfigError, loadConfig } from "~/env.server";

const SECRET = "0123456789abcdef0123456789abcdef";

/** The lines a person reads when the environment is wrong. */
function problemsOf(env: Record<string, string | undefined>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("an empty environment", () => {
  it("is enough: embedded database, port 3000, durable transport on the embedded runner", () => {
    expect(loadConfig({})).toEqual({
      databaseUrl: undefined,
      dataDir: ".data",
      appSecret: undefined,
      publicUrl: "http://localhost:3000",
      port: 3000,
      edition: "enterprise",
      featureFlags: new Set(["levelio-rmm-integration"]),
      logLevel: "info",
      levelApiBaseUrl: "https://api.level.io",
      transport: "inngest",
      inngest: { mode: "embedded" },
      admin: undefined,
      secureCookies: false,
      metricsToken: undefined,
      allowPrivateWebhooks: false,
    });
  });

  it("means the same as variables that are set to nothing", () => {
    expect(loadConfig({ DATABASE_URL: "", PORT: " ", RMM_SYNC_TRANSPORT: "", ADMIN_EMAIL: "" })).toEqual(
      loadConfig({}),
    );
  });
});

describe("the transport", () => {
  it.each([
    { levelio: undefined, rmm: undefined, transport: "inngest" },
    { levelio: undefined, rmm: "direct", transport: "direct" },
    { levelio: undefined, rmm: "inngest", transport: "inngest" },
    { levelio: "direct", rmm: undefined, transport: "direct" },
    { levelio: "direct", rmm: "inngest", transport: "direct" },
    { levelio: "inngest", rmm: "direct", transport: "inngest" },
  ])("is $transport with LEVELIO_SYNC_TRANSPORT=$levelio and RMM_SYNC_TRANSPORT=$rmm", (row) => {
    const config = loadConfig({ LEVELIO_SYNC_TRANSPORT: row.levelio, RMM_SYNC_TRANSPORT: row.rmm });
    expect(config.transport).toBe(row.transport);
  });

  it.each(["LEVELIO_SYNC_TRANSPORT", "RMM_SYNC_TRANSPORT"])(
    "is refused by name when %s is another word",
    (name) => {
      expect(problemsOf({ [name]: "temporal" })).toEqual([
        `${name} must be inngest or direct, not "temporal".`,
      ]);
    },
  );

  it("is refused when the overridden variable is wrong too: a typo shall not wait for its day", () => {
    expect(problemsOf({ LEVELIO_SYNC_TRANSPORT: "direct", RMM_SYNC_TRANSPORT: "Inngest" })).toHaveLength(1);
  });
});

describe("the runner", () => {
  it.each([
    [{}, "embedded"],
    [{ INNGEST_DEV: "0" }, "embedded"],
    [{ INNGEST_DEV: "1" }, "server"],
    [{ INNGEST_DEV: "http://localhost:8288" }, "server"],
    [{ INNGEST_BASE_URL: "http://inngest:8288" }, "server"],
    [{ INNGEST_SIGNING_KEY: "signkey-test-00" }, "server"],
  ])("with %j is %s", (env, mode) => {
    expect(loadConfig(env).inngest).toEqual({ mode });
  });
});

describe("the database", () => {
  it.each(["postgres", "postgresql"])("is taken from a %s:// address together with APP_SECRET", (scheme) => {
    const databaseUrl = `${scheme}://user:pw@db.example.com/plumbline`;
    const config = loadConfig({ DATABASE_URL: databaseUrl, APP_SECRET: SECRET });
    expect(config).toMatchObject({ databaseUrl, appSecret: SECRET });
  });

  it("without APP_SECRET is refused: sealed secrets would be lost with the machine", () => {
    expect(problemsOf({ DATABASE_URL: "postgres://localhost/plumbline" })).toEqual([
      expect.stringMatching(/^APP_SECRET is required with DATABASE_URL/),
    ]);
  });

  it.each(["mysql://localhost/x", "localhost:5432", "not an address"])("is refused at %s", (url) => {
    expect(problemsOf({ DATABASE_URL: url, APP_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^DATABASE_URL must look like postgres:\/\//),
    ]);
  });

  it("never repeats a password or a secret in what it says", () => {
    const problems = problemsOf({
      DATABASE_URL: "mysql://u:hunter2@db/x",
      APP_SECRET: "tooshort",
      ADMIN_PASSWORD: "pw",
    });
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toMatch(/hunter2|tooshort|"pw"/);
  });
});

describe("the level of the log and the edition", () => {
  it.each([
    ["LOG_LEVEL", "loud", 'LOG_LEVEL must be trace, debug, info, warn, error or silent, not "loud".'],
    ["EDITION", "pro", 'EDITION must be enterprise or community, not "pro".'],
  ])("%s=%s is refused with the words it may be", (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([problem]);
  });

  it("leaves the Level integration out of the community edition", () => {
    expect(loadConfig({ EDITION: "community" }).featureFlags).toEqual(new Set());
  });

  it("takes exactly the flags it is given", () => {
    expect(loadConfig({ FEATURE_FLAGS: "one, two,," }).featureFlags).toEqual(new Set(["one", "two"]));
  });
});

describe("addresses and ports", () => {
  it("lose the slash at their end", () => {
    const config = loadConfig({
      PUBLIC_URL: "https://psa.example.com/",
      LEVELIO_API_BASE_URL: "http://127.0.0.1:4010//",
    });
    expect(config).toMatchObject({
      publicUrl: "https://psa.example.com",
      levelApiBaseUrl: "http://127.0.0.1:4010",
    });
  });

  it("follow the port where no public address is given", () => {
    expect(loadConfig({ PORT: "8080" })).toMatchObject({ port: 8080, publicUrl: "http://localhost:8080" });
  });

  it("make cookies secure under https alone", () => {
    expect(loadConfig({ PUBLIC_URL: "https://psa.example.com" }).secureCookies).toBe(true);
    expect(loadConfig({ PUBLIC_URL: "http://psa.example.com" }).secureCookies).toBe(false);
  });

  it.each(["0", "65536", "-1", "3000x", "0x10", "1e3"])("refuse the port %s", (port) => {
    expect(problemsOf({ PORT: port })).toEqual([`PORT must be a port from 1 to 65535, not "${port}".`]);
  });

  it.each(["level.io", "ftp://api.level.io", "/api"])("refuse the address %s", (address) => {
    expect(problemsOf({ PUBLIC_URL: address })).toEqual([
      expect.stringMatching(/^PUBLIC_URL must be a full address/),
    ]);
  });
});

describe("the first administrator", () => {
  it("is taken when e-mail and password are both there", () => {
    const admin = { email: "ada@example.com", password: "correct horse battery" };
    expect(loadConfig({ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password }).admin).toEqual(admin);
  });

  it.each([
    [{ ADMIN_EMAIL: "ada@example.com" }, /^ADMIN_PASSWORD is missing/],
    [{ ADMIN_PASSWORD: "correct horse battery" }, /^ADMIN_EMAIL is missing/],
    [
      { ADMIN_EMAIL: "ada", ADMIN_PASSWORD: "correct horse battery" },
      /^ADMIN_EMAIL must be an e-mail address/,
    ],
    [{ ADMIN_EMAIL: "ada@example.com", ADMIN_PASSWORD: "short" }, /^ADMIN_PASSWORD must have at least 12/],
  ])("is refused from %j", (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });
});

it("every problem of an environment is told at once, one line each", () => {
  const problems = problemsOf({ PORT: "x", LOG_LEVEL: "x", RMM_SYNC_TRANSPORT: "x", ADMIN_EMAIL: "x" });
  expect(problems.map((line) => line.split(" ")[0])).toEqual(
    expect.arrayContaining(["PORT", "LOG_LEVEL", "RMM_SYNC_TRANSPORT", "ADMIN_EMAIL", "ADMIN_PASSWORD"]),
  );
});
