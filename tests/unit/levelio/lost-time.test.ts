import { expect, it } from "vitest";

import { LostTime } from "~/connectors/levelio/lost-time";

it("calls that wait out one limit at the same time lose its time once", () => {
  const lost = new LostTime();
  expect(lost.begin(0, 1_000)).toBe(1_000);
  expect(lost.begin(0, 1_000)).toBe(0);
  expect(lost.begin(400, 1_000)).toBe(400);
  expect(lost.begin(500, 100)).toBe(0);
});

it("waits that follow each other count each, whatever the clock shows", () => {
  const lost = new LostTime();
  expect(lost.begin(0, 1_000)).toBe(1_000);
  lost.end();
  expect(lost.begin(0, 1_000)).toBe(1_000);
  lost.end();
  expect(lost.begin(5_000, 20)).toBe(20);
});
