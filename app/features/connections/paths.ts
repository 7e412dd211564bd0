/** Addresses of a Level connection's pages. */
export const LEVEL_PATH = "/settings/integrations/levelio";

export const levelPath = (integrationId: string, page?: "mapping" | "devices" | "webhook"): string =>
  `${LEVEL_PATH}/${integrationId}${page === undefined ? "" : `/${page}`}`;
