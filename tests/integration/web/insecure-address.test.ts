import { afterEach, describe, expect, it } from "vitest";

import { createTenant, createUser } from "@tests/support/factories";
import { createWebWorld, type WebWorld } from "@tests/support/web";
import { newToken, tokenHash } from "~/auth/tokens.server";
import { ensureFirstRun } from "~/features/people/first-run.server";

const PUBLIC_URL = "https://plumbline.example.com";
const NOTICE = "You cannot sign in at this address";

let web: WebWorld;
afterEach(() => web.close());

const open = async (path: string, headers: Record<string, string> = {}) =>
  (await web.anonymous().get(path, headers)).text();

async function expectNotice(path: string): Promise<void> {
  const page = await open(path);
  expect(page, path).toContain(NOTICE);
  expect(page, path).toContain(`href="${PUBLIC_URL}${path.replaceAll("&", "&amp;")}"`);
  expect(await open(path, { "X-Forwarded-Proto": "https" }), path).not.toContain(NOTICE);
  expect(await open(path, { "Sec-Fetch-Site": "none" }), path).not.toContain(NOTICE);
}

describe("a page before sign-in that was opened over plain http, where PUBLIC_URL is https", () => {
  it("names the https address on the first visit and behind the set-up link, valid or not", async () => {
    web = await createWebWorld({ PUBLIC_URL });
    const { setupUrl } = (await ensureFirstRun(web.app))!;
    const { pathname, search } = new URL(setupUrl);
    await expectNotice("/sign-in");
    await expectNotice(pathname + search);
    await expectNotice("/setup?token=guessed");
  });

  it("names it at sign-in and behind an invitation, valid or not", async () => {
    web = await createWebWorld({ PUBLIC_URL });
    const { id: tenantId } = await createTenant(web.database.db);
    const token = newToken();
    await createUser(web.database.db, {
      tenantId,
      inviteTokenHash: tokenHash(token),
      inviteExpiresAt: new Date(web.app.clock().getTime() + 86_400_000),
    });
    await expectNotice("/sign-in?next=%2Fassets");
    await expectNotice(`/invite/${token}`);
    await expectNotice(`/invite/${newToken()}`);
  });
});
