import { DrizzleQueryError } from "drizzle-orm";
import { describe, expect, it } from "vitest";

import { createLogger } from "~/platform/logger.server";

function logged(write: (log: ReturnType<typeof createLogger>) => void, pretty = false): string {
  let text = "";
  write(createLogger({ level: "trace", pretty, write: (line) => (text += line) }));
  return text;
}

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

  it("cuts what a request makes long", () => {
    expect(
      logged((log) => log.warn({ origin: "https://".padEnd(15_000, "a-") }, "refused"), pretty).length,
    ).toBeLessThan(1_000);
  });

  it("leaves a secret out of what a child logger always says", () => {
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

it("a cycle in what is logged ends, and does not throw", () => {
  const device: Record<string, unknown> = { id: "d1" };
  device["self"] = device;
  expect(logged((log) => log.info(device, "odd"))).toContain("[deep]");
});

it("a line for a terminal reads from left to right: time, level, message, fields", () => {
  expect(logged((log) => log.info({ pages: 3, stage: "devices" }, "Page written"), true)).toMatch(
    /^\d\d:\d\d:\d\d INFO {2}Page written pages=3 stage=devices\n$/,
  );
});
