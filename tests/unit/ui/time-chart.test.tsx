import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import { TimeChart } from "~/ui/time-chart";

const chart = (days: string[]) =>
  renderToStaticMarkup(
    <TimeChart
      title="Devices"
      days={days}
      series={[{ label: "Servers", values: days.map((_, n) => n), tone: "accent" }]}
    />,
  );

/** How far across the chart each point lies, from 0 to 1. */
function placesOf(markup: string): number[] {
  const [, points] = /<polyline points="([^"]+)"/.exec(markup)!;
  const across = points!.split(" ").map((point) => Number(point.split(",")[0]));
  const [first, last] = [across[0]!, across.at(-1)!];
  return across.map((x) => Number(((x - first) / (last - first)).toFixed(3)));
}

const labelsOf = (markup: string) =>
  [...markup.matchAll(/<text[^>]*>(\d+ \w+ \d{4})<\/text>/g)].map(([, label]) => label);

describe("a chart over days", () => {
  it("gives days without a number their full width", () => {
    expect(placesOf(chart(["2026-09-01", "2026-09-02", "2026-09-06", "2026-09-11"]))).toEqual([
      0, 0.1, 0.5, 1,
    ]);
  });

  it("labels its first, middle and last day, even if the middle has no count", () => {
    expect(labelsOf(chart(["2026-09-01", "2026-09-02", "2026-09-11"]))).toEqual([
      "1 Sept 2026",
      "6 Sept 2026",
      "11 Sept 2026",
    ]);
    expect(labelsOf(chart(["2026-09-01", "2026-09-02"]))).toEqual(["1 Sept 2026", "2 Sept 2026"]);
  });

  it("shows a single day, which is its last", () => {
    expect(labelsOf(chart(["2026-09-01"]))).toEqual(["1 Sept 2026"]);
    expect(chart(["2026-09-01"])).not.toContain("NaN");
  });
});
