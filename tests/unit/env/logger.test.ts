import { readdirSync } from "node:fs";

import { DrizzleQueryError } from "drizzle-orm";
import { describe, expect, it } from "vitest";

import { createLogger, secretPaths } from "~/platform/logger.server";

function logged(write: (log: ReturnType<typeof createLogger>) => void, pretty = false): string {
  let text = "";
  write(createLogger({ level: "trace", pretty, write: (line) => (text += line) }));
  return text;
}

/** An error as both drivers of the database throw it. */
const databaseFault = (code: string, message: string) =>
  new DrizzleQueryError("select $1", [], Object.assign(new Error(message), { code }));

describe.each([
  ["JSON", false],
  ["pretty", true],
])("the %s log", (_name, pretty) => {
  it.each([
    ["a field", { apiKey: "s3cr3t" }],
    ["a header", { request: { headers: { Authorization: "s3cr3t", cookie: "s3cr3t" } } }],
    ["a list", { integrations: [{ webhookSecret: "s3cr3t" }, { api_key: "s3cr3t" }] }],
    ["an error", { err: Object.assign(new Error("refused"), { options: { password: "s3cr3t" } }) }],
    ["the cause of an error", { err: new Error("refused", { cause: { sessionToken: "s3cr3t" } }) }],
    ["an address", { url: "postgres://plumbline:s3cr3t@db.example.com/plumbline" }],
    ["the address of a mail server", { smtpUrl: "smtp://plumbline:s3cr3t@mail.example.com:587" }],
    ["the address in an error's message", { err: new Error("no answer from postgres://u:s3cr3t@db/x") }],
  ])("leaves a secret out of %s", (_where, fields) => {
    const text = logged((log) => log.warn(fields, "something happened"), pretty);
    expect(text).toContain("something happened");
    expect(text).not.toContain("s3cr3t");
  });

  it.each([
    [
      "the values of a failed statement",
      { err: new DrizzleQueryError("insert into users values ($1)", ["s3cr3t"], new Error("duplicate key")) },
    ],
    [
      "a failed statement that is told as text",
      { error: String(new DrizzleQueryError("select $1", ["s3cr3t"], new Error("no"))) },
    ],
    [
      "what the database says of a row",
      {
        err: Object.assign(new Error("null value"), {
          code: "23502",
          detail: "Failing row contains (s3cr3t).",
        }),
      },
    ],
    [
      "the value that the database's own sentence quotes",
      { err: databaseFault("22P02", 'invalid input syntax for type uuid: "s3cr3t\nand "more""') },
    ],
    [
      "the key that is taken",
      {
        err: Object.assign(
          databaseFault("23505", 'duplicate key value violates unique constraint "users_email"'),
          {
            detail: "Key (email)=(s3cr3t@example.com) already exists.",
          },
        ),
      },
    ],
    ["an invitation of few letters", { path: "/invite/s3cr3t" }],
    ["an invitation by another spelling of its address", { path: "//%69nvite//s3cr3t/" }],
    ["an invitation inside a text", { error: "no answer for https://rmm.example.com/Invite/s3cr3t." }],
    ["an invitation in an error", { err: new Error("no route matches /invite/s3cr3t") }],
    ["the link of an invitation", { path: "/invite/s3cr3t-0123456789abcdefghijklmnopqrstuvwxyz" }],
    ["that link with a sign behind it", { path: "/invite/s3cr3t-0123456789abcdefghijklmnopqrstuvwxyz.data" }],
    ["the query of an address", { url: "https://plumbline.example.com/setup?code=s3cr3t" }],
  ])("leaves %s out", (_what, fields) => {
    const text = logged((log) => log.warn(fields, "something happened"), pretty);
    expect(text).toContain("something happened");
    expect(text).not.toContain("s3cr3t");
  });

  it("keeps the statement, the place and the id of a record", () => {
    const id = "019ac3f2-7b1c-7000-8000-0123456789ab";
    const err = new DrizzleQueryError("select id from assets", ["s3cr3t"], new Error("canceled"));
    const text = logged((log) => log.warn({ err, path: `/assets/${id}` }, "no answer"), pretty);
    expect(text).toContain("select id from assets");
    expect(text).toContain("logger.test.ts");
    expect(text).toContain(`/assets/${id}`);
  });

  it("logs the pattern of a page's address in place of an invitation's link", () => {
    expect(logged((log) => log.warn({ path: "/invite/s3cr3t" }, "refused"), pretty)).toContain(
      "/invite/:token",
    );
  });

  it("keeps the name of the constraint that a value broke", () => {
    const err = databaseFault("23505", 'duplicate key value violates unique constraint "users_email"');
    expect(logged((log) => log.warn({ err }, "refused"))).toContain("users_email");
  });

  it("cuts text that a request makes long", () => {
    expect(
      logged((log) => log.warn({ origin: "https://".padEnd(15_000, "a-") }, "refused"), pretty).length,
    ).toBeLessThan(1_000);
  });

  it("leaves a secret out of a child logger's own fields", () => {
    const text = logged((log) => log.child({ token: "s3cr3t", runId: "run-1" }).info("page written"), pretty);
    expect(text).toContain("run-1");
    expect(text).not.toContain("s3cr3t");
  });

  it("keeps what explains an error: its message, code and cause", () => {
    const cause = Object.assign(new Error("connect refused"), { code: "ECONNREFUSED" });
    const text = logged((log) => log.error({ err: new Error("sync failed", { cause }) }, "run ended"));
    expect(JSON.parse(text)).toMatchObject({
      level: "error",
      msg: "run ended",
      err: { message: "sync failed", cause: { message: "connect refused", code: "ECONNREFUSED" } },
    });
  });
});

it("logs every page whose address holds a secret by its pattern", () => {
  const inAddresses = readdirSync("app/routes").flatMap((file) => [...file.matchAll(/(\w+)\.\$(\w+)/g)]);
  const secrets = inAddresses.filter(([, , param]) => !/Id_?$|^patchKey$|^tsx?$/.test(param!));
  expect(Object.fromEntries(secrets.map(([, word, param]) => [word, `:${param}`]))).toEqual(secretPaths);
});

it("ends at a cycle in a logged value, and does not throw", () => {
  const device: Record<string, unknown> = { id: "d1" };
  device["self"] = device;
  expect(logged((log) => log.info(device, "odd"))).toContain("[deep]");
});

it("a line for a terminal has, from left to right: time, level, message, fields", () => {
  expect(logged((log) => log.info({ pages: 3, stage: "devices" }, "Page written"), true)).toMatch(
    /^\d\d:\d\d:\d\d INFO {2}Page written pages=3 stage=devices\n$/,
  );
});
