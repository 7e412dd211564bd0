import { describe, expect, it } from "vitest";

import { ConfigError } from "~/platform/env.server";
import { DataDirInUseError } from "@db/embedded/lock";

import { explainError } from "../../../scripts/lib/explain-error.mjs";

const systemError = (fields: object) => Object.assign(new Error("system"), fields);

describe("a start that fails", () => {
  it.each([
    [new ConfigError(["PORT must be a port."]), "PORT must be a port."],
    [new DataDirInUseError(".data", 42), /open in process 42\. Stop it, or set DATA_DIR/],
    [
      systemError({ userMessage: "The database refuses.", hint: "Start it." }),
      "The database refuses. Start it.",
    ],
    [systemError({ code: "EADDRINUSE", port: 3000 }), /^Port 3000 is in use/],
    [systemError({ code: "EACCES", syscall: "listen", port: 80 }), /^Port 80 may not be used/],
    [
      systemError({ code: "EACCES", syscall: "mkdir", path: "/data" }),
      /^\/data cannot be written \(EACCES\)/,
    ],
    [
      systemError({ code: "EEXIST", syscall: "mkdir", path: "/etc/hosts" }),
      /^\/etc\/hosts is a file, not a folder/,
    ],
    [
      systemError({ code: "ENOENT", syscall: "mkdir", path: "/proc/x" }),
      /^\/proc\/x cannot be written \(ENOENT\)/,
    ],
    [systemError({ code: "ENAMETOOLONG", syscall: "mkdir", path: "/a" }), /^\/a cannot be written/],
    [
      new Error("outer", { cause: systemError({ code: "ENOSPC", path: "/data" }) }),
      /^No space left for \/data. Make room/,
    ],
  ])("is explained: %s", (error, text) => {
    expect(explainError(error)).toMatch(text);
  });

  it.each([
    new TypeError("x is not a function"),
    systemError({ code: "ENOENT", syscall: "open", path: "build/index.js" }),
    "a string",
    undefined,
  ])("keeps its stack if unexpected: %s", (e) => {
    expect(explainError(e)).toBeUndefined();
  });
});
