import { describe, expect, it } from "vitest";

import { RmmError } from "~/connectors/rmm-error";
import { outlastOutages } from "~/platform/outlast-outages";

const lost = (code: string) =>
  Object.assign(new Error("query"), { cause: Object.assign(new Error(code), { code }) });

/** An engine that records which steps ran, and which sleeps were requested. */
function engine() {
  const ran: string[] = [];
  const slept: number[] = [];
  const outages = { noted: 0 };
  const engineSteps = {
    step: <T>(id: string, work: () => Promise<T>) => {
      ran.push(id);
      return work();
    },
    sleep: (_id: string, ms: number) => Promise.resolve(void slept.push(ms)),
  };
  const steps = outlastOutages(engineSteps, { noteOutage: () => void outages.noted++ });
  return { ran, slept, outages, steps };
}

describe("work of a step whose database is lost", () => {
  it.each(["57P01", "57P03", "08006", "53300", "53100", "CONNECTION_CLOSED", "ECONNREFUSED", "EPIPE"])(
    "is done again after a sleep, in a step of its own (%s)",
    async (code) => {
      const { ran, slept, outages, steps } = engine();
      const faults = [lost(code), lost(code)];
      const result = await steps.step("page", () => {
        const fault = faults.shift();
        return fault === undefined ? Promise.resolve("written") : Promise.reject(fault);
      });
      expect(result).toBe("written");
      expect(new Set(ran).size).toBe(3);
      expect(slept).toHaveLength(2);
      expect(outages.noted).toBe(2);
    },
  );

  it("waits longer each time, at most half a minute", async () => {
    const { slept, steps } = engine();
    let left = 20;
    await steps.step("page", () => (left-- > 0 ? Promise.reject(lost("57P01")) : Promise.resolve()));
    expect(slept[0]).toBeLessThanOrEqual(500);
    expect(Math.min(...slept.slice(8))).toBeGreaterThanOrEqual(15_000);
    expect(Math.max(...slept)).toBeLessThanOrEqual(30_000);
  });
});

describe("work that brings the database down each time", () => {
  it("throws after its limit of sleeps, so that its run ends", async () => {
    const { slept, steps } = engine();
    await expect(steps.step("page", () => Promise.reject(lost("57P02")))).rejects.toThrow("query");
    const minutes = slept.reduce((sum, ms) => sum + ms, 0) / 60_000;
    expect(minutes).toBeGreaterThan(12);
    expect(minutes).toBeLessThan(30);
    await expect(steps.step("next", () => Promise.reject(lost("57P02")))).rejects.toThrow("query");
  });
});

it.each([
  ["a value that the database refuses", lost("22P02")],
  ["a fault of the program", new TypeError("undefined is not a function")],
  [
    "Level that cannot be reached",
    new RmmError({
      code: "unreachable",
      message: "GET /devices",
      userMessage: "Level did not answer.",
      hint: "Try later.",
      cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
    }),
  ],
])("%s is thrown at once", async (_what, error) => {
  const { ran, slept, steps } = engine();
  await expect(steps.step("page", () => Promise.reject(error))).rejects.toBe(error);
  expect(ran).toEqual(["page"]);
  expect(slept).toEqual([]);
});
