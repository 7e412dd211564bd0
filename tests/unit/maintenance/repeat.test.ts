import { expect, it } from "vitest";

import { repeatOf, ruleOf, timesText } from "@domain/repeat";

const saturday = { startsAt: "2026-11-28T22:00", endsAt: "2026-11-29T02:00" };

it.each<[string | null, string]>([
  [null, "28 Nov 2026, 22:00 to 29 Nov 2026, 02:00"],
  ["FREQ=DAILY", "every day, 22:00 to 02:00"],
  ["FREQ=DAILY;INTERVAL=3", "every 3 days, 22:00 to 02:00"],
  ["FREQ=WEEKLY;BYDAY=SA,SU", "every week on Saturday, Sunday, 22:00 to 02:00"],
  [
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;UNTIL=20270131T235959Z",
    "every 2 weeks on Saturday, 22:00 to 02:00, until 31 Jan 2027",
  ],
  ["FREQ=MONTHLY;BYMONTHDAY=28", "every month on day 28, 22:00 to 02:00"],
  ["FREQ=MONTHLY;BYDAY=4SA", "every month on the fourth Saturday, 22:00 to 02:00"],
  ["FREQ=MONTHLY;BYDAY=-2FR", "FREQ=MONTHLY;BYDAY=-2FR, 22:00 to 02:00"],
])("%s is said, and comes out of the form as it went in", (rule, text) => {
  expect(timesText({ ...saturday, rule })).toBe(text);
  expect(ruleOf(repeatOf(rule, saturday.startsAt), saturday.startsAt)).toBe(rule);
});

it("a fifth day of its name is the last of the month", () => {
  const repeat = { ...repeatOf("FREQ=DAILY", ""), kind: "monthly_weekday" as const };
  expect(ruleOf(repeat, "2026-10-31T22:00")).toBe("FREQ=MONTHLY;BYDAY=-1SA");
});
