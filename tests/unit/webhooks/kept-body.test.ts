import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { keptBody, MAX_KEPT_BODY } from "@domain/webhook-body";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a kept body", () => {
  it("equals the received bytes if there is nothing to remove", () => {
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

  it.each([
    ["broken off", '{"event":"x","api_key":"k1', '{"event":"x","api_key":"[removed]"'],
    ["with a comma too many", '{"api_key" : "k\\"1", "name":"n",}', '{"api_key" : "[removed]", "name":"n",}'],
    ["of a bare word", '{"token":12345,"a":[1}', '{"token":"[removed]","a":[1}'],
    ["in a record", '{"a":{"b":[{"password":"k1"}]', '{"a":{"b":[{"password":"[removed]"}]'],
    ["of many parts", '{"a":1,"credentials":{"user":"k1"', '{"a":1,"credentials":"[removed]"'],
    ["behind a stray quote", '" {"api_key":"k1"}', '" {"api_key":"[removed]"}'],
  ])("has no member that is named like a secret where it is no JSON: %s", (_, body, kept) => {
    expect(keptBody(bytes(body), []).text).toBe(kept);
  });

  it("has none in parts that are nested too deep to be written again", () => {
    const deep = `{"a":${"[".repeat(60_000)}{"api_key":"k1"}${"]".repeat(60_000)}}`;
    expect(keptBody(bytes(`{"b":{"api_key":"k2"},${deep.slice(1)}`), []).text).not.toMatch(/k1|k2/);
  });

  it("of only quotes or backslashes is read at once", () => {
    const before = process.cpuUsage();
    for (const part of ['"', '\\"', '"\\', '"a":"', '"token":', '" ']) {
      keptBody(bytes(`token ${part.repeat((256 * 1024) / part.length)}`), []);
    }
    // Processor time of this process: on a busy machine the wall clock runs on while the process waits.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  });

  it("never contains one of the secrets, wherever it was", () => {
    const secret = "Ruzk8pDqS3SL9vqCdSdbkB6WAo3loxHX";
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const { text } = keptBody(bytes(`${before}${secret}${after}`), ["", secret]);
        expect(text).not.toContain(secret);
      }),
    );
  });

  it("can be stored: no NUL, no half characters, bounded length", () => {
    const text = `\u0000${"😀".repeat(MAX_KEPT_BODY)}`;
    const kept = keptBody(bytes(text), []);
    expect(kept.isCut).toBe(true);
    expect(kept.text.length).toBeLessThanOrEqual(MAX_KEPT_BODY);
    expect(kept.text).not.toMatch(/\u0000|\p{Surrogate}/u);
  });

  it("survives malformed input", () => {
    for (const text of ["", "token", '{"token":', `{"token":${"[".repeat(60_000)}${"]".repeat(60_000)}}`]) {
      expect(keptBody(bytes(text), []).text.length).toBeGreaterThanOrEqual(0);
    }
  });
});
