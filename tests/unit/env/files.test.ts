import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import type { ConfigError } from "~/platform/env.server";
import { loadConfig, secretsIn, variableNames } from "~/platform/env.server";

const folder = mkdtempSync(path.join(tmpdir(), "plumbline-env-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string, text: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const SECRET = "0123456789abcdef0123456789abcdef";
const problemsOf = (env: Record<string, string | undefined>) => {
  try {
    loadConfig(env);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};

describe("a variable given as a file", () => {
  it("has the file's content, without the final line break", () => {
    const env = {
      DATABASE_URL_FILE: fileOf("url", "postgres://app:pw@db/app\n"),
      APP_SECRET_FILE: fileOf("secret", `${SECRET}\n`),
      PORT_FILE: fileOf("port", "4000"),
    };
    expect(loadConfig(env)).toMatchObject({
      databaseUrl: "postgres://app:pw@db/app",
      appSecret: SECRET,
      port: 4000,
    });
  });

  it("is visible to the Inngest SDK too, which reads the environment itself, any number of times", () => {
    const env: Record<string, string | undefined> = {
      INNGEST_EVENT_KEY_FILE: fileOf("event", "event-key\n"),
      INNGEST_SIGNING_KEY_FILE: fileOf("signing", "abcd\n"),
    };
    expect(loadConfig(env).inngest).toMatchObject({ mode: "server" });
    expect(loadConfig(env).inngest).toMatchObject({ mode: "server" });
    expect(env).toMatchObject({ INNGEST_EVENT_KEY: "event-key", INNGEST_SIGNING_KEY: "abcd" });
  });

  it("is refused if the file is unreadable or empty, or the variable is set twice, in a message without the value", () => {
    expect(problemsOf({ APP_SECRET_FILE: path.join(folder, "missing") })).toEqual([
      expect.stringMatching(/^APP_SECRET_FILE names .*missing, which cannot be read \(ENOENT\)\.$/),
    ]);
    expect(problemsOf({ APP_SECRET_FILE: fileOf("empty", "\n") })).toEqual([
      expect.stringContaining("is empty"),
    ]);
    const twice = problemsOf({ APP_SECRET: `other-${SECRET}`, APP_SECRET_FILE: fileOf("twice", SECRET) });
    expect(twice).toEqual(["APP_SECRET and APP_SECRET_FILE are both set: unset one of them."]);
  });

  it("may be any of the app's", () => {
    expect(variableNames).toContain("SMTP_URL");
    expect(loadConfig({ SMTP_URL_FILE: "", PORT_FILE: " " })).toEqual(loadConfig({}));
  });
});

it("every secret of an environment is known, as written and as decoded", () => {
  const secrets = secretsIn({
    DATABASE_URL: "postgres://app:p%40ss-of-db@db/app",
    SMTP_URL: "smtp://u:mail-pass@mail:25",
    APP_SECRET: "first, second",
    METRICS_TOKEN: "token",
    PORT: "3000",
  });
  expect(secrets.sort()).toEqual(
    ["p%40ss-of-db", "p@ss-of-db", "mail-pass", "mail-pass", "first", "second", "token"].sort(),
  );
});
