import type { ProviderDescription } from "~/integrations/provider-registry";

/** Whether this installation may use a provider: its edition and its feature flag both say so. */
export function isAvailable(
  provider: Pick<ProviderDescription, "edition" | "featureFlag">,
  installation: { edition: ProviderDescription["edition"]; featureFlags: ReadonlySet<string> },
): boolean {
  const edition = provider.edition === "community" || installation.edition === "enterprise";
  return edition && (provider.featureFlag === null || installation.featureFlags.has(provider.featureFlag));
}
