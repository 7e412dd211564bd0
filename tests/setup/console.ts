import { afterEach, beforeEach, vi } from "vitest";

import { forgetExpectedConsole, isExpectedConsole } from "../support/console";

/** A warning nobody expected is a fault nobody has looked at: it fails the test that caused it. */
let unexpected: string[] = [];

beforeEach(() => {
  unexpected = [];
  for (const method of ["error", "warn"] as const) {
    const print = console[method].bind(console);
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      const text = parts.map(String).join(" ");
      if (isExpectedConsole(text)) return;
      unexpected.push(`console.${method}: ${text}`);
      print(...parts);
    });
  }
});

afterEach(() => {
  forgetExpectedConsole();
  vi.restoreAllMocks();
  if (unexpected.length > 0) throw new Error(`Unexpected output:\n${unexpected.join("\n")}`);
});
