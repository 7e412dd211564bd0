import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readForm } from "~/platform/http/body.server";
import { csvText, fromHarmless } from "~/platform/http/csv.server";
import { dayBounds } from "~/platform/http/day.server";
import { problem, safePath } from "~/platform/http/form.server";
import { flash, readFlash, readTimeZone } from "~/platform/http/preferences.server";
import { baseHeaders, contentSecurityPolicy } from "~/platform/http/security-headers.server";
import { oneOf, pageNumber, searchText } from "~/platform/http/paging";

const withCookie = (cookie: string) => new Request("http://app.test/", { headers: { Cookie: cookie } });

describe("a path to go to", () => {
  it.each(["/", "/runs?type=full", "/assets/1#top", "/a//b"])("takes %s", (path) => {
    expect(safePath(path)).toBe(path);
  });

  it.each([
    "",
    null,
    undefined,
    "runs",
    "//evil.test",
    "/\\evil.test",
    "https://evil.test",
    "/a\\b",
    "/a\r\nb: c",
    "javascript:x",
  ])("takes the fallback for %j", (path) => {
    expect(safePath(path, "/home")).toBe("/home");
  });

  it("never leads to another host, whatever its text", () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        expect(new URL(safePath(path), "http://app.test").host).toBe("app.test");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a form", () => {
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    readForm(new Request("http://app.test/", { method: "POST", body, headers }), 1000);

  it("is read in both encodings", async () => {
    expect((await post(new URLSearchParams({ a: "ä" }))).get("a")).toBe("ä");
    const form = new FormData();
    form.append("a", "ä");
    form.append("file", new Blob(["x"]), "x.csv");
    const read = await post(form);
    expect(read.get("a")).toBe("ä");
    expect(read.get("file")).toBeInstanceOf(File);
  });

  it("that is too large, malformed or not a form is refused with the reason", async () => {
    const status = async (promise: Promise<unknown>) =>
      promise.then(
        () => 200,
        (refusal: unknown) => (refusal as Response).status,
      );
    expect(await status(post(new URLSearchParams({ a: "x".repeat(1000) })))).toBe(413);
    expect(await status(post(`{"a":1}`, { "Content-Type": "application/json" }))).toBe(415);
    expect(await status(post("--nothing", { "Content-Type": "multipart/form-data; boundary=b" }))).toBe(400);
  });

  it("that was refused returns what was typed, but no secret", () => {
    const form = new FormData();
    for (const name of ["name", "password", "apiKey", "token", "csrf", "webhookSecret"])
      form.append(name, "typed");
    expect(problem(form, {}).values).toEqual({ name: "typed" });
  });
});

describe("a cookie's message", () => {
  it("is read back, and a forged one does no harm", async () => {
    const cookie = (await flash("Saved.")).split(";")[0]!;
    expect(await readFlash(withCookie(cookie))).toMatchObject({ kind: "success", text: "Saved." });
    for (const forged of ["flash=", "flash=!!!", `flash=${btoa("[1]")}`, `flash=${btoa('{"id":1}')}`]) {
      expect(await readFlash(withCookie(forged)), forged).toBeNull();
    }
  });

  it("about the zone is used only if that zone exists", () => {
    expect(readTimeZone(withCookie("a=b; tz=Europe%2FBerlin"))).toBe("Europe/Berlin");
    for (const cookie of ["", "tz=Mars%2FCrater", "tz=%E0%A4%A", "tz="]) {
      expect(readTimeZone(withCookie(cookie)), cookie).toBe("UTC");
    }
  });
});

describe("a day", () => {
  it.each([
    ["2026-11-23", "UTC", "2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z"],
    ["2026-11-23", "Asia/Kolkata", "2026-11-22T18:30:00.000Z", "2026-11-23T18:30:00.000Z"],
    // Clocks go forward in Berlin that night, and back in New York on the other day.
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
    ["2026-11-01", "America/New_York", "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"],
  ])("%s in %s goes from %s to %s", (day, zone, start, end) => {
    const bounds = dayBounds(day, zone)!;
    expect([bounds.start.toISOString(), bounds.end.toISOString()]).toEqual([start, end]);
  });

  it.each([null, "", "2026-02-30", "2026-13-01", "23.11.2026", "2026-11-23T00:00"])("is not %j", (day) => {
    expect(dayBounds(day, "UTC")).toBeNull();
  });
});

describe("parameters", () => {
  it("of a page are a number within limits, or 1", () => {
    const page = (text: string) => pageNumber(new URLSearchParams({ page: text }));
    expect([
      page("3"),
      page("0"),
      page("-1"),
      page("1.5"),
      page("x"),
      page("1e9"),
      pageNumber(new URLSearchParams()),
    ]).toEqual([3, 1, 1, 1, 1, 1, 1]);
  });

  it("are one of the allowed words, or the first", () => {
    expect(oneOf(new URLSearchParams("s=b"), "s", ["a", "b"])).toBe("b");
    expect(oneOf(new URLSearchParams("s=toString"), "s", ["a", "b"])).toBe("a");
  });

  it("to search for have no NUL and a maximum length", () => {
    expect(searchText(new URLSearchParams("q=%00%20"))).toBeUndefined();
    expect(searchText(new URLSearchParams({ q: ` a${"b".repeat(500)}` }))).toHaveLength(200);
  });
});

describe("CSV", () => {
  it("never holds a cell that a spreadsheet would run", () => {
    for (const cell of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1+1", "\r\n=1", " =1", "＝1+1"]) {
      expect(csvText([[cell]])).toMatch(/^"?'/);
      expect(fromHarmless(`'${cell}`)).toBe(cell);
    }
    expect(fromHarmless("'s-Hertogenbosch")).toBe("'s-Hertogenbosch");
    expect(csvText([["a,b", 'c"d', -1, null]])).toBe('"a,b","c""d",-1,\n');
  });
});

describe("the headers of an answer", () => {
  it("let scripts run by nonce alone", () => {
    const policy = contentSecurityPolicy({ nonce: "abc" });
    expect(policy).toContain("script-src 'self' 'nonce-abc';");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(contentSecurityPolicy()).toContain("script-src 'self';");
  });

  it("prevent caching, and keep browsers on https if it is served by that", () => {
    expect(baseHeaders({ https: true })["Strict-Transport-Security"]).toMatch(/max-age=\d+/);
    expect(baseHeaders({ https: false })).not.toHaveProperty("Strict-Transport-Security");
    expect(baseHeaders({ https: false })["Cache-Control"]).toBe("private, no-store");
  });
});
