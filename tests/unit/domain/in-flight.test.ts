import { describe, expect, it } from "vitest";

import { onAnswer, onRateLimit, RAISE_AFTER, startInFlight, type InFlight } from "@domain/in-flight";
import { RequestSlots } from "~/connectors/request-slots";

const answers = (state: InFlight, count: number): InFlight =>
  Array.from({ length: count }).reduce<InFlight>((now) => onAnswer(now), state);

describe("the requests in flight", () => {
  it("are halved at a 429, never below one", () => {
    let state = startInFlight(4);
    const limits = [];
    for (let n = 0; n < 4; n++) limits.push((state = onRateLimit(state, state.epoch)).limit);
    expect(limits).toEqual([2, 1, 1, 1]);
  });

  it("are halved once for requests that were refused at the same time", () => {
    const sentIn = startInFlight(8).epoch;
    const state = [1, 2, 3, 4].reduce((now) => onRateLimit(now, sentIn), startInFlight(8));
    expect(state.limit).toBe(4);
  });

  it("rise by one after many answers, up to the setting", () => {
    const halved = onRateLimit(startInFlight(4), 0);
    expect(answers(halved, RAISE_AFTER - 1).limit).toBe(2);
    expect(answers(halved, RAISE_AFTER).limit).toBe(3);
    expect(answers(halved, 10 * RAISE_AFTER).limit).toBe(4);
  });
});

describe("the slots of a connection", () => {
  it("admit as many as the limit, then each waiting call in its turn", async () => {
    const slots = new RequestSlots(2);
    const first = await slots.enter();
    await slots.enter();
    const entered: string[] = [];
    const third = slots.enter().then((slot) => (entered.push("third"), slot));
    const fourth = slots.enter().then((slot) => (entered.push("fourth"), slot));
    await Promise.resolve();
    expect(entered).toEqual([]);
    first.leave();
    (await third).leave();
    await fourth;
    expect(entered).toEqual(["third", "fourth"]);
    expect(slots.inFlight).toBe(2);
  });

  it("admit nobody else while the refused call waits with its slot", async () => {
    const slots = new RequestSlots(2);
    const refused = await slots.enter();
    refused.sent();
    refused.rateLimited();
    expect(slots.limit).toBe(1);
    let isIn = false;
    const next = slots.enter().then((slot) => {
      isIn = true;
      return slot;
    });
    await Promise.resolve();
    expect(isIn).toBe(false);
    refused.leave();
    await next;
    expect(isIn).toBe(true);
  });

  it("forget calls that gave up waiting", async () => {
    const slots = new RequestSlots(1);
    const first = await slots.enter();
    const abort = new AbortController();
    const waiting = slots.enter(abort.signal);
    abort.abort(new Error("no longer needed"));
    await expect(waiting).rejects.toThrow("no longer needed");
    first.leave();
    expect(slots.inFlight).toBe(0);
    await slots.enter();
  });
});
