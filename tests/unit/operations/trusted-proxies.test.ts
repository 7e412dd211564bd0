import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

/** The documents that an operator reads. */
const pages = [
  "README.md",
  ".env.example",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join("docs", name)),
];

const aboutProxies = pages.flatMap((page) =>
  readFileSync(page, "utf8")
    .split(/\n\s*\n|\n(?=\|)/)
    .filter((paragraph) => paragraph.includes("TRUSTED_PROXIES"))
    .map((text) => ({ page, text })),
);

describe("the examples of TRUSTED_PROXIES", () => {
  it("name the proxy's own address, so that nobody else in its network is trusted", () => {
    for (const { page, text } of aboutProxies) {
      expect(text, page).not.toMatch(/\b[\d.]+\/\d{1,2}\b|[\da-f:]+::\/\d+|uniquelocal|linklocal/i);
    }
    const examples = aboutProxies.flatMap(({ text }) => text.match(/\b\d+\.\d+\.\d+\.\d+\b/g) ?? []);
    expect(examples).not.toEqual([]);
    expect(examples.filter((address) => /\.(0|255)$/.test(address))).toEqual([]);
  });
});
