/** Level's own address. Behind another one (a simulator, a relay) the web app is not known. */
const LEVEL_API = "https://api.level.io";

/**
 * The page of a device in its RMM's web app; null where that is not known. Level documents no such address; the one
 * here is what integrations in the field link to.
 */
export const deviceLink = (
  provider: string,
  instanceUrl: string | null,
  externalId: string,
): string | null =>
  provider === "levelio" && instanceUrl?.replace(/\/+$/, "") === LEVEL_API
    ? `https://app.level.io/devices/${encodeURIComponent(externalId)}`
    : null;
