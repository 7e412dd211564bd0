import { afterEach, beforeEach, vi } from "vitest";

/** A warning nobody expected is a fault nobody has looked at: it fails the test that caused it. */
let unexpected: string[] = [];

beforeEach(() => {
  unexpected = [];
  for (const method of ["error", "warn"] as const) {
    const print = console[method].bind(console);
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      unexpected.push(`console.${method}: ${parts.map(String).join(" ")}`);
      print(...parts);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  if (unexpected.length > 0) throw new Error(`Unexpected output:\n${unexpected.join("\n")}`);
});
