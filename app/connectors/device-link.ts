/** Level's own URL. With another one (a simulator, a relay) the address of the web app is unknown. */
const LEVEL_API = "https://api.level.io";

/**
 * The page of a device in its RMM's web app; null if unknown. Level does not document this URL; other integrations link
 * to it.
 */
export const deviceLink = (
  provider: string,
  instanceUrl: string | null,
  externalId: string,
): string | null =>
  provider === "levelio" && instanceUrl !== null && isLevel(instanceUrl)
    ? `https://app.level.io/devices/${encodeURIComponent(externalId)}`
    : null;

const isLevel = (instanceUrl: string): boolean =>
  URL.canParse(instanceUrl) && new URL(instanceUrl).origin === LEVEL_API;
