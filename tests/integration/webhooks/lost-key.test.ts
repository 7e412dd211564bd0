import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { createVault } from "~/platform/vault.server";
import { connect } from "~/features/connections/connect.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";
import { createLevelWorld, type LevelWorld } from "@tests/support/level-world";
import { TEST_ACTOR } from "@tests/support/sync";
import type { Browser } from "@tests/support/web";

import { signWebhook, webhookEvent } from "../../level-simulator";
import { levelAlert } from "../../support/level-alert";

let level: LevelWorld;
let admin: Browser;
let id: string;

/** From here on the installation has another APP_SECRET, without the former one. */
beforeEach(async () => {
  level = await createLevelWorld({ devices: 5 });
  admin = level.tenant.as.admin;
  id = await level.connect(admin);
  level.web.app.sync.vault = createVault("another-secret-of-at-least-32-characters");
});
afterEach(() => level.close());

const act = (intent: string) => level.act(admin, id, "/webhook", { intent });

async function deliver(secret: string): Promise<number> {
  const body = JSON.stringify(webhookEvent("alert_active", levelAlert(), { occurredAt: new Date() }));
  const request = new Request(`http://app.local/api/webhooks/levelio?tenant=${level.tenant.id}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-level-signature": signWebhook(body, secret) },
  });
  const answer = await answerWebhook(level.web.app, levelWebhookReader, request, "192.0.2.1");
  return answer.status;
}

describe("a webhook secret that was sealed under a lost APP_SECRET", () => {
  it.each([
    ["reveal", "reveal"],
    ["test", "test"],
  ])("is reported by %s", async (intent, field) => {
    const answer = await act(intent);
    expect(answer).toMatchObject({
      status: 409,
      body: { errors: { [field]: expect.stringMatching(/another APP_SECRET.*secrets rotate/) as string } },
    });
    expect(await act(intent), "nor was it shown").toEqual(answer);
  });

  it("is replaced by a new one, which is accepted at once, and is not kept as the former one", async () => {
    const rotated = await act("rotate");
    const { secret } = rotated.body as { secret: string };
    expect(secret).toMatch(/^[\w-]{32}$/);
    expect(await deliver(secret)).toBe(202);
    expect(await deliver("a guess")).toBe(401);
  });

  it("is replaced by a new one if an API key is saved", async () => {
    await connect(level.web.app.sync, {
      tenantId: level.tenant.id,
      connectionId: id,
      provider: "levelio",
      apiKey: level.simulator.apiKey,
      actor: TEST_ACTOR,
    });
    const revealed = await act("reveal");
    expect(await deliver((revealed.body as { secret: string }).secret)).toBe(202);
  });
});
