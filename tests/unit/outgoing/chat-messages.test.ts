import { describe, expect, it } from "vitest";

import { chatMessage, chatTest, type IncidentCard } from "@domain/chat-messages";

const card: IncidentCard = {
  title: "Low disk space (C:)",
  severity: "critical",
  state: "open",
  client: "Harborlight",
  where: "3 devices",
  link: "https://plumbline.example.com/alerts/incidents/1",
};

const textOf = (message: unknown): string => JSON.stringify(message);

describe("a message about an incident", () => {
  it.each(["slack", "teams"] as const)(
    "names it, its severity, client and devices, and links to it: %s",
    (format) => {
      const text = textOf(chatMessage(format, card));
      for (const part of ["Critical: Low disk space (C:)", "Harborlight", "3 devices", card.link])
        expect(text).toContain(part);
    },
  );

  it.each(["slack", "teams"] as const)("says that it was resolved: %s", (format) => {
    expect(textOf(chatMessage(format, { ...card, state: "resolved" }))).toContain("Resolved: Low disk space");
  });

  it("mentions nobody in Slack, whatever an alert's name", () => {
    const text = textOf(
      chatMessage("slack", { ...card, title: "<!channel> & <https://evil.example|click>" }),
    );
    expect(text).toContain("&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;");
    expect(text).not.toContain("<!");
  });

  it("makes no link in Teams from an alert's name", () => {
    const text = textOf(chatMessage("teams", { ...card, client: "[click](https://evil.example)" }));
    expect(text).not.toContain("[click](");
  });

  it("is cut if a name is endless", () => {
    for (const format of ["slack", "teams"] as const)
      expect(textOf(chatMessage(format, { ...card, title: "x".repeat(100_000) })).length).toBeLessThan(2_000);
  });

  it("of Slack has blocks, and of Teams is an adaptive card in the workflow's envelope", () => {
    expect(chatMessage("slack", card)["blocks"]).toHaveLength(3);
    expect(chatMessage("teams", card)).toMatchObject({
      type: "message",
      attachments: [
        { contentType: "application/vnd.microsoft.card.adaptive", content: { type: "AdaptiveCard" } },
      ],
    });
    expect(textOf(chatTest("teams"))).toContain("AdaptiveCard");
  });
});
