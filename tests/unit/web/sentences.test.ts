import { describe, expect, it } from "vitest";

import { auditActions } from "@domain/audit-actions";
import { publishedEvents } from "@domain/published-events";
import { auditSentences, sentenceOf } from "~/features/audit/audit-sentences";
import { eventSentences } from "~/features/event-subscriptions/event-sentences";

describe("every action of the audit log has a sentence", () => {
  it.each(auditActions)("%s", (action) => {
    const [before, behind] = auditSentences[action]({});
    expect(`${before}${behind ?? ""}`).toMatch(/^[a-z][^{}_]+$/);
    expect(`${before}${behind ?? ""}`).not.toMatch(/undefined|object Object/);
  });

  it("exists for no other action, so that the list is complete", () => {
    expect(Object.keys(auditSentences).sort()).toEqual([...auditActions].sort());
  });

  it("shows an action of a later version by its own name", () => {
    expect(sentenceOf("client.levitated", {})).toEqual(["client levitated"]);
  });
});

describe("every event that is published has a sentence", () => {
  it.each(publishedEvents)("%s", (name) => {
    const data = { type: "full", status: "completed", eventType: "alert_active" };
    const { before, link, behind } = eventSentences[name]({ data, connection: "Main", runTarget: null });
    const sentence = `${before}${link === null ? "" : "text" in link ? link.text : "PC-1"}${behind}`;
    expect(sentence).toMatch(/^[A-Z]/);
    expect(sentence).toContain("Main");
  });
});
