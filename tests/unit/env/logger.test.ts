import { describe, expect, it } from "vitest";

import { createLogger } from "~/logger.server";

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
