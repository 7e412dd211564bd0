import { describe, expect, it } from "vitest";

import { ConfigError, loadConfig } from "~/platform/env.server";

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
      assetHistoryDays: 400,
      retention: { runs: 90, events: 90, alerts: 400, updates: 400, audit: null },
      syncsAtOnce: 5,
      requestsInFlight: 4,
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
      trustedProxies: ["loopback"],
      warnings: [],
      metricsToken: undefined,
      mail: undefined,
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

  it("is refused also if the overridden variable is wrong, so that a typo shows at once", () => {
    expect(problemsOf({ LEVELIO_SYNC_TRANSPORT: "direct", RMM_SYNC_TRANSPORT: "Inngest" })).toHaveLength(1);
  });
});

describe("the runner", () => {
  it.each([
    [{}, "embedded"],
    [{ INNGEST_DEV: "0" }, "embedded"],
    [{ INNGEST_DEV: "False" }, "embedded"],
    [{ INNGEST_DEV: "1" }, "server"],
    [{ INNGEST_DEV: "http://localhost:8288" }, "server"],
    [{ INNGEST_DEV: "true", INNGEST_BASE_URL: "http://inngest:8288" }, "server"],
    [{ INNGEST_SIGNING_KEY: "signkey-test-00", INNGEST_EVENT_KEY: "k" }, "server"],
    [
      {
        INNGEST_BASE_URL: "http://inngest:8288",
        INNGEST_SIGNING_KEY: "signkey-test-00",
        INNGEST_EVENT_KEY: "k",
      },
      "server",
    ],
  ])("with %j is %s", (env, mode) => {
    expect(loadConfig(env).inngest.mode).toBe(mode);
  });

  it.each([
    [{ INNGEST_BASE_URL: "http://inngest:8288" }, ["INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"]],
    [
      { INNGEST_DEV: "0", INNGEST_BASE_URL: "http://inngest:8288" },
      ["INNGEST_EVENT_KEY", "INNGEST_SIGNING_KEY"],
    ],
    [{ INNGEST_SIGNING_KEY: "signkey-test-00" }, ["INNGEST_EVENT_KEY"]],
    [{ INNGEST_EVENT_KEY: "k" }, ["INNGEST_SIGNING_KEY"]],
  ])("with %j is refused, because nothing could be sent to that server", (env, missing) => {
    expect(problemsOf(env)).toEqual(
      missing.map((name) => expect.stringMatching(new RegExp(`^${name} is missing`))),
    );
  });

  it.each(["banana", "localhost:8288", "ftp://inngest"])("is refused when INNGEST_DEV is %s", (word) => {
    expect(problemsOf({ INNGEST_DEV: word })).toEqual([
      expect.stringMatching(/^INNGEST_DEV must be 1, 0 or an address/),
    ]);
  });
});

describe("the database", () => {
  it.each(["postgres", "postgresql"])("is taken from a %s:// address together with APP_SECRET", (scheme) => {
    const databaseUrl = `${scheme}://user:pw@db.example.com/plumbline`;
    const config = loadConfig({ DATABASE_URL: databaseUrl, APP_SECRET: SECRET });
    expect(config).toMatchObject({ databaseUrl, appSecret: SECRET });
  });

  it.each([
    [`,${SECRET}`, "APP_SECRET part 1 of 2 (separated by commas) is empty"],
    [`${SECRET},`, "APP_SECRET part 2 of 2 (separated by commas) is empty"],
    [`${SECRET}, short`, "APP_SECRET part 2 of 2 (separated by commas) has fewer than 32 characters"],
  ])("refuses an APP_SECRET of which a part is too short, without repeating it", (secret, problem) => {
    const [told, ...others] = problemsOf({ APP_SECRET: secret });
    expect(told).toContain(problem);
    expect(told).not.toContain(SECRET);
    expect(others).toEqual([]);
    expect(loadConfig({ APP_SECRET: `${SECRET}, ${SECRET}x` }).appSecret).toContain(SECRET);
  });

  it("without APP_SECRET is refused, because sealed secrets would be lost with the machine", () => {
    expect(problemsOf({ DATABASE_URL: "postgres://localhost/plumbline" })).toEqual([
      expect.stringMatching(/^APP_SECRET is required with DATABASE_URL/),
    ]);
  });

  it.each([
    "mysql://localhost/x",
    "localhost:5432",
    "not an address",
    "postgres://u:50%off@h/db",
    "postgres://u%zz@h/db",
  ])("is refused at %s", (url) => {
    expect(problemsOf({ DATABASE_URL: url, APP_SECRET: SECRET })).toEqual([
      expect.stringMatching(/^DATABASE_URL must look like postgres:\/\//),
    ]);
  });

  it.each([
    "postgres://u:hunter2@h1,h2/db",
    "postgres://u:hunter2@h1:5432,h2:5433/db?target_session_attrs=read-write",
  ])("is refused where it names several hosts: %s", (url) => {
    const problems = problemsOf({ DATABASE_URL: url, APP_SECRET: SECRET });
    expect(problems).toEqual([expect.stringMatching(/^DATABASE_URL names several hosts: name one/)]);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("may have a comma in its password", () => {
    const url = "postgres://u:hunter,2@db.example.com/db";
    expect(loadConfig({ DATABASE_URL: url, APP_SECRET: SECRET }).databaseUrl).toBe(url);
  });

  it.each(["pa#ss", "12#x", "12/ab", "12?ab", "pa/ss"])(
    "says how to write a password with %s in it, and repeats no part of it",
    (password) => {
      const problems = problemsOf({
        DATABASE_URL: `postgres://user:${password}@db.example.com/plumbline`,
        APP_SECRET: SECRET,
      });
      expect(problems).toEqual([
        expect.stringContaining("write # / ? @ and % in user and password as %23 %2F %3F %40 and %25"),
      ]);
      expect(problems.join()).not.toMatch(/pa#|12|ss@|ab@/);
    },
  );

  it("notes the parameters of an address that it ignores", () => {
    const config = loadConfig({
      DATABASE_URL: "postgres://u:p@h/db?sslmode=require&channel_binding=require&schema=app&made_up=1",
      APP_SECRET: SECRET,
    });
    expect(config.warnings).toEqual([
      "channel_binding in DATABASE_URL is left out: the driver signs in without it.",
      "schema in DATABASE_URL is left out: the tables are in the schema public.",
      "made_up in DATABASE_URL is left out: Plumbline does not know it.",
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

  it.each([
    ["https://psa.example.com/?a=b", /without a query or fragment; set it to https:\/\/psa\.example\.com\./],
    ["https://psa.example.com/#", /without a query or fragment/],
    ["https://psa.example.com/plumbline", /must not have a path/],
    ["https://user:secret@psa.example.com", /must not hold a user name or password/],
  ])("refuse the public address %s, which cannot work", (address, why) => {
    expect(problemsOf({ PUBLIC_URL: address })).toEqual([expect.stringMatching(why)]);
    expect(problemsOf({ PUBLIC_URL: address }).join()).not.toContain("secret");
  });
});

describe("the mail server", () => {
  const MAIL_FROM = "Plumbline <plumbline@example.com>";

  it.each([
    ["smtp://mail.example.com", { host: "mail.example.com", port: 587, isTls: false, auth: undefined }],
    ["smtps://mail.example.com/", { host: "mail.example.com", port: 465, isTls: true, auth: undefined }],
    ["smtp://[::1]:2525", { host: "::1", port: 2525, isTls: false, auth: undefined }],
    [
      "smtp://me%40example.com:p%2Fw%40@mail.example.com:25",
      {
        host: "mail.example.com",
        port: 25,
        isTls: false,
        auth: { user: "me@example.com", password: "p/w@" },
      },
    ],
  ])("is read from %s", (SMTP_URL, server) => {
    expect(loadConfig({ SMTP_URL, MAIL_FROM }).mail).toEqual({ ...server, from: MAIL_FROM });
  });

  it.each([
    "mail.example.com:25",
    "http://u:hunter2@mail",
    "smtp://",
    "smtp://u:hunter2%@mail",
    "smtp://mail?x=1",
    "smtp://mail/x",
  ])("is refused at %s, by name and without its password", (SMTP_URL) => {
    const problems = problemsOf({ SMTP_URL, MAIL_FROM });
    expect(problems).toEqual([expect.stringMatching(/^SMTP_URL must look like smtp:/)]);
    expect(problems.join()).not.toContain("hunter2");
  });

  it.each(["plumbline@example.com", "Plumbline at Acme <plumbline@example.com>"])("sends as %s", (from) => {
    expect(loadConfig({ SMTP_URL: "smtp://mail", MAIL_FROM: from }).mail).toMatchObject({ from });
  });

  it.each(["Plumbline", "<plumbline@example.com>, x@example.com", "A\r\nBcc: x <plumbline@example.com>"])(
    "does not send as %j",
    (from) => {
      expect(problemsOf({ SMTP_URL: "smtp://mail", MAIL_FROM: from })).toEqual([
        expect.stringMatching(/^MAIL_FROM must be an address/),
      ]);
    },
  );

  it("and the sender are set both or neither", () => {
    expect(problemsOf({ SMTP_URL: "smtp://mail" })).toEqual([expect.stringMatching(/^MAIL_FROM is missing/)]);
    expect(problemsOf({ MAIL_FROM })).toEqual([expect.stringMatching(/^SMTP_URL is missing/)]);
  });
});

describe("an Inngest server for development", () => {
  const warningsWith = (env: Record<string, string>) => loadConfig(env).warnings;
  const dev = { INNGEST_DEV: "http://inngest.internal:8288" };

  it("is warned of where the address is public: it signs nothing", () => {
    expect(warningsWith({ ...dev, PUBLIC_URL: "https://plumbline.example.com" })).toEqual([
      expect.stringMatching(/^INNGEST_DEV is set beside a PUBLIC_URL with https/),
    ]);
  });

  it("is not warned of if there is none, or nobody outside reaches the app", () => {
    expect(warningsWith({ ...dev, PUBLIC_URL: "http://localhost:3000" })).toEqual([]);
    expect(warningsWith({ INNGEST_DEV: "0", PUBLIC_URL: "https://plumbline.example.com" })).toEqual([]);
  });
});

describe("the trusted proxies", () => {
  it("are those of this machine, and the addresses, networks and names that are given", () => {
    const { trustedProxies } = loadConfig({
      TRUSTED_PROXIES: "172.16.0.0/12,10.1.2.3, fd00::/8, uniquelocal",
    });
    expect(trustedProxies).toEqual(["loopback", "172.16.0.0/12", "10.1.2.3", "fd00::/8", "uniquelocal"]);
  });

  it.each(["true", "proxy.example.com", "10.0.0.0/33", "10.0.0.0/0", "10.0.0/8", "::1/129"])(
    "are not %s, which would trust everybody or nobody by mistake",
    (list) => {
      expect(problemsOf({ TRUSTED_PROXIES: list })).toEqual([
        expect.stringMatching(
          /^TRUSTED_PROXIES must be a list of addresses, each of a proxy, such as 10\.0\.0\.7/,
        ),
      ]);
    },
  );
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
    [
      { ADMIN_EMAIL: "ada@example.com", ADMIN_PASSWORD: "short" },
      /^ADMIN_PASSWORD is refused. Use at least 10 characters/,
    ],
    [
      { ADMIN_EMAIL: "ada@example.com", ADMIN_PASSWORD: "long and ".repeat(23) },
      /^ADMIN_PASSWORD is refused. Use at most 200 characters/,
    ],
  ])("is refused from %j", (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });
});

it("reports every problem of an environment at once, one line each", () => {
  const problems = problemsOf({ PORT: "x", LOG_LEVEL: "x", RMM_SYNC_TRANSPORT: "x", ADMIN_EMAIL: "x" });
  expect(problems.map((line) => line.split(" ")[0])).toEqual(
    expect.arrayContaining(["PORT", "LOG_LEVEL", "RMM_SYNC_TRANSPORT", "ADMIN_EMAIL", "ADMIN_PASSWORD"]),
  );
});
