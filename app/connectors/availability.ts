import { effectiveFlags, type FlagOverrides } from "@domain/feature-flags";

import type { ProviderDescription } from "./registry";

/** The features that a tenant has: the environment's, or those changed by the tenant's own flags. */
export interface Features {
  edition: ProviderDescription["edition"];
  featureFlags: ReadonlySet<string>;
}

/** Whether both the edition and the feature flag allow a tenant to use a provider. */
export function isAvailable(
  provider: Pick<ProviderDescription, "edition" | "featureFlag">,
  features: Features,
): boolean {
  const edition = provider.edition === "community" || features.edition === "enterprise";
  return edition && (provider.featureFlag === null || features.featureFlags.has(provider.featureFlag));
}

/** The environment's features, with the tenant's own setting of each flag. The edition is the same for all tenants. */
export const featuresOf = ({ edition, featureFlags }: Features, overrides: FlagOverrides): Features => ({
  edition,
  featureFlags: effectiveFlags(featureFlags, overrides),
});
