import { expect, it } from "vitest";

import { Shares } from "~/platform/http/shares";

const never = new AbortController().signal;

/** Work that goes on until it is told to end. */
function work(shares: Shares, key: string, signal = never) {
  const state = { hasBegun: false, end: () => {} };
  const ended = shares.take(key, signal, () => {
    state.hasBegun = true;
    return new Promise<void>((resolve) => (state.end = resolve));
  });
  return { state, ended };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("lets so much of one key go on at a time, the rest in the order that it came, and others at once", async () => {
  const shares = new Shares(2);
  const ofOne = Array.from({ length: 5 }, () => work(shares, "one"));
  const ofOther = work(shares, "other");
  const begun = () => ofOne.map(({ state }) => state.hasBegun);
  await settled();
  expect(begun()).toEqual([true, true, false, false, false]);
  expect(ofOther.state.hasBegun).toBe(true);
  ofOne[1]!.state.end();
  await settled();
  expect(begun()).toEqual([true, true, true, false, false]);
});

it("hands the place on when work fails, and forgets who left while they waited", async () => {
  const shares = new Shares(1);
  const gone = new AbortController();
  const failing = shares.take("one", never, () => Promise.reject(new Error("broken")));
  const left = work(shares, "one", gone.signal);
  const next = work(shares, "one");
  gone.abort(new Error("the reader has gone"));
  await expect(left.ended).rejects.toThrow("the reader has gone");
  await expect(failing).rejects.toThrow("broken");
  await settled();
  expect([left.state.hasBegun, next.state.hasBegun]).toEqual([false, true]);
  next.state.end();
  await next.ended;
  const later = work(shares, "one");
  await settled();
  expect(later.state.hasBegun).toBe(true);
});
