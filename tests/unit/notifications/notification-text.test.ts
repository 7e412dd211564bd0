import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { notificationKinds, type NotificationKind } from "@domain/connection-health";
import { letterOf, notificationMessage, oneLine, type Occasion } from "@domain/notification-text";

const occasion: Occasion = {
  label: "Main account",
  provider: "Level",
  at: new Date("2026-11-23T10:05:59Z"),
  previous: "failing",
  previousSince: new Date("2026-11-22T08:00:00Z"),
  schedule: "full",
  reason: "Level did not answer in time.",
  hint: "Wait, or look at status.level.io.",
  heldChanges: 12,
};

describe("a notification", () => {
  it.each<[NotificationKind, string, RegExp]>([
    ["failing", "Main account: a full sync failed", /What happened: Level did not answer.*What to do: Wait/s],
    ["recovered", "Main account: works again", /had failed since 2026-11-22 08:00 UTC/],
    ["paused", "Main account: the schedule is paused", /5 full syncs in a row failed.*press Resume/s],
    ["needs_attention", "Main account: the API key is refused", /refuses the API key.*What to do: Wait/s],
    ["held", "Main account: 12 changes are held back", /12 changes were held back.*What to do: review/s],
  ])(
    "%s names connection and state in its subject, then since when and what to do",
    (kind, subject, body) => {
      const message = notificationMessage(kind, occasion);
      expect(message.subject).toBe(subject);
      expect(message.body).toMatch(body);
      expect(message.body).toContain("2026-11-23 10:05 UTC");
      expect(message.body).toContain("Main account");
    },
  );

  it.each([
    ["failing", "Main account: alerts are not compared", /failed again and again.*What happened: Level did/s],
    ["paused", "Main account: comparing alerts is paused", /5 comparisons in a row failed.*press Resume/s],
  ] as const)("%s says so if only the comparison of alerts is failing", (kind, subject, body) => {
    const message = notificationMessage(kind, { ...occasion, schedule: "alerts" });
    expect(message.subject).toBe(subject);
    expect(message.body).toMatch(body);
  });

  it.each(notificationKinds)("%s says what to do even if the reason is unknown", (kind) => {
    const message = notificationMessage(kind, { ...occasion, reason: null, hint: null, previousSince: null });
    expect(message.body).toMatch(/What to do: [a-z]|Nothing is left to do/);
    expect(message.body).not.toMatch(/null|undefined/);
  });

  it("has one line of bounded length as its subject, whatever the connection's name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (label) => {
        const { subject, body } = notificationMessage("failing", { ...occasion, label });
        expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(subject.length).toBeLessThanOrEqual(120);
        expect(body.replaceAll("\n\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
    expect(oneLine(" a\r\n\tb\u2028\u202ec ")).toBe("a b c");
  });

  it("shows text from people as text in its HTML", () => {
    const { text, html } = letterOf(
      `<script>"it's" & more</script>\n\nSecond`,
      { text: "Open", href: "https://example.com/?a=1&b=2" },
      "Footer <x>",
    );
    expect(text).toBe(
      `<script>"it's" & more</script>\n\nSecond\n\nOpen: https://example.com/?a=1&b=2\n\n-- \nFooter <x>\n`,
    );
    expect(html).toContain("<p>&lt;script&gt;&quot;it&#39;s&quot; &amp; more&lt;/script&gt;</p>");
    expect(html).toContain('<a href="https://example.com/?a=1&amp;b=2">Open</a>');
    expect(html).not.toContain("<script>");
  });
});
