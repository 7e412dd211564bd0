import { describe, expect, it } from "vitest";

import { secureAddressInstead } from "~/auth/secure-cookie.server";

const https = { secureCookies: true, publicUrl: "https://plumbline.example.com" };
const page = (url: string, headers: Record<string, string> = {}) => new Request(url, { headers });

describe("the sign-in page of an installation with an https address", () => {
  it("names that address to a visitor over plain http, also one who used its name in the local network", () => {
    expect(secureAddressInstead(https, page("http://plumbline.lan:3000/sign-in"))).toBe(https.publicUrl);
    expect(secureAddressInstead(https, page("http://plumbline.example.com/sign-in"))).toBe(https.publicUrl);
  });

  it("says nothing where the browser keeps a secure cookie", () => {
    for (const request of [
      page("https://plumbline.example.com/sign-in"),
      page("http://plumbline.example.com/sign-in", { "X-Forwarded-Proto": "https" }),
      // A proxy that does not report that it terminated TLS, and this machine itself.
      page("http://plumbline.example.com/sign-in", { "Sec-Fetch-Site": "none" }),
    ])
      expect(secureAddressInstead(https, request)).toBeNull();
  });

  it("says nothing where cookies need no https", () => {
    const http = { secureCookies: false, publicUrl: "http://plumbline.lan:3000" };
    expect(secureAddressInstead(http, page("http://plumbline.lan:3000/sign-in"))).toBeNull();
  });
});
