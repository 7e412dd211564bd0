import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { keptBody, MAX_KEPT_BODY } from "~/domain/webhook-body";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a kept body", () => {
  it("is what came, to the byte, where there is nothing to take out", () => {
    const text = '{ "event_type" : "alert_active",  "data": {"name": "Müller 😀"} }';
    expect(keptBody(bytes(text), ["another"])).toEqual({ text, isCut: false });
  });

  it("has no member that is named like a secret, however deep", () => {
    const body = { data: { list: [{ API_Key: "k", password: { a: 1 }, note: "stays" }] }, authToken: 5 };
    expect(JSON.parse(keptBody(bytes(JSON.stringify(body)), []).text)).toEqual({
      data: { list: [{ API_Key: "[removed]", password: "[removed]", note: "stays" }] },
      authToken: "[removed]",
    });
  });

  it("never holds one of the secrets, wherever it stood", () => {
    const secret = "Ruzk8pDqS3SL9vqCdSdbkB6WAo3loxHX";
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const { text } = keptBody(bytes(`${before}${secret}${after}`), ["", secret]);
        expect(text).not.toContain(secret);
      }),
    );
  });

  it("can be stored: no NUL, no half of a character, not without end", () => {
    const text = `\u0000${"😀".repeat(MAX_KEPT_BODY)}`;
    const kept = keptBody(bytes(text), []);
    expect(kept.isCut).toBe(true);
    expect(kept.text.length).toBeLessThanOrEqual(MAX_KEPT_BODY);
    expect(kept.text).not.toMatch(/\u0000|\p{Surrogate}/u);
  });

  it("survives what nobody should send", () => {
    for (const text of ["", "token", '{"token":', `{"token":${"[".repeat(60_000)}${"]".repeat(60_000)}}`]) {
      expect(keptBody(bytes(text), []).text.length).toBeGreaterThanOrEqual(0);
    }
  });
});
