import { effectiveFlags, type FlagOverrides } from "@domain/feature-flags";

import type { ProviderDescription } from "./registry";

/** What is there for a tenant: by the environment, or with the tenant's own flags. */
export interface Features {
  edition: ProviderDescription["edition"];
  featureFlags: ReadonlySet<string>;
}

/** Whether a tenant may use a provider: the edition and the feature flag both say so. */
export function isAvailable(
  provider: Pick<ProviderDescription, "edition" | "featureFlag">,
  features: Features,
): boolean {
  const edition = provider.edition === "community" || features.edition === "enterprise";
  return edition && (provider.featureFlag === null || features.featureFlags.has(provider.featureFlag));
}

/** What the environment gives, with the tenant's own word on each flag. The edition is the installation's. */
export const featuresOf = ({ edition, featureFlags }: Features, overrides: FlagOverrides): Features => ({
  edition,
  featureFlags: effectiveFlags(featureFlags, overrides),
});
