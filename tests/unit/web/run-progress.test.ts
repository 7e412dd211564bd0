import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";

import { RunProgress } from "~/features/sync-runs/run-progress";
import type { ShownRun } from "~/features/sync-runs/run-figures";
import { ClockProvider } from "~/ui/time";

const now = Date.parse("2026-11-28T00:20:00Z");
const waiting = {
  id: "r",
  type: "full",
  target: null,
  status: "running",
  integration: "Level",
  stage: null,
  pages: 0,
  itemsSeen: 0,
  expectedItems: null,
  cancelRequestedAt: null,
  startedAt: "2026-11-28T00:19:00Z",
  endedAt: null,
  waitingUntil: "2026-11-28T00:23:00Z",
  waitingReason: "Level cannot be reached.",
} as unknown as ShownRun;

const shown = (run: ShownRun) =>
  renderToStaticMarkup(
    createElement(ClockProvider, { now, timeZone: "UTC", children: createElement(RunProgress, { run }) }),
  ).replace(/<[^>]+>/g, "");

it("a run that waits because Level is down says so, and when it tries again", () => {
  expect(shown(waiting)).toContain("Level cannot be reached · next try at 28 Nov 2026, 00:23");
});

it("a run whose wait is over waits its turn", () => {
  expect(shown({ ...waiting, waitingUntil: "2026-11-28T00:19:30Z", waitingReason: null })).toContain(
    "waits its turn",
  );
});
