import { expect, it } from "vitest";

import { eventStream, STREAMS_PER_SESSION } from "~/auth/event-stream.server";

const app = { log: {}, clock: () => new Date() } as unknown as Parameters<typeof eventStream>[0];

it("an event stream that cannot start frees its place among those of its session", async () => {
  const reader = () => ({ sessionId: "one", signal: new AbortController().signal });
  for (let n = 0; n < STREAMS_PER_SESSION; n++) {
    expect(() =>
      eventStream(app, reader(), () => {
        throw new Error("nothing to listen to");
      }),
    ).toThrow("nothing to listen to");
  }
  const answer = eventStream(app, reader(), () => () => {});
  expect(answer.status).toBe(200);
  await answer.body!.cancel();
});
