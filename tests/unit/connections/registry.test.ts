import { existsSync } from "node:fs";

import { describe, expect, expectTypeOf, it } from "vitest";

import { isAvailable } from "~/connectors/availability";
import type { capabilityTitles, editionTitles } from "~/features/connections/provider-card";
import {
  providerKeys,
  providerRegistry,
  type ProviderDescription,
  type ProviderKey,
} from "~/connectors/registry";

describe("the provider registry", () => {
  it("matches the union of keys and the titles on the pages (checked by the compiler)", () => {
    expectTypeOf<keyof typeof providerRegistry>().toEqualTypeOf<ProviderKey>();
    expectTypeOf<(typeof providerKeys)[number]>().toEqualTypeOf<ProviderKey>();
    expectTypeOf<ProviderDescription["key"]>().toEqualTypeOf<ProviderKey>();
    expectTypeOf<keyof typeof capabilityTitles>().toEqualTypeOf<keyof ProviderDescription["capabilities"]>();
    expectTypeOf<keyof typeof editionTitles>().toEqualTypeOf<ProviderDescription["edition"]>();
  });

  it("names each provider by its key, with a title and an existing icon", () => {
    expect(Object.keys(providerRegistry)).toEqual([...providerKeys]);
    for (const [key, provider] of Object.entries(providerRegistry)) {
      expect(provider.key).toBe(key);
      expect(provider.title).not.toBe("");
      expect(existsSync(`public/icons/${provider.icon}.svg`), provider.icon).toBe(true);
    }
  });

  it("states what Level supports", () => {
    expect(providerRegistry.levelio).toMatchObject({
      title: "Level",
      edition: "enterprise",
      featureFlag: "levelio-rmm-integration",
      capabilities: {
        connection: true,
        scopeSync: true,
        deviceSync: true,
        events: true,
        remoteActions: false,
      },
    });
  });

  it("offers Level only to an edition and flags that include it", () => {
    const flags = new Set(["levelio-rmm-integration"]);
    const { levelio } = providerRegistry;
    expect(isAvailable(levelio, { edition: "enterprise", featureFlags: flags })).toBe(true);
    expect(isAvailable(levelio, { edition: "community", featureFlags: flags })).toBe(false);
    expect(isAvailable(levelio, { edition: "enterprise", featureFlags: new Set() })).toBe(false);
  });
});
