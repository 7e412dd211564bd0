/** Addresses of a Level connection's pages. */
export const LEVEL_PATH = "/settings/integrations/levelio";

/** The address of a connection's page, or of one of its pages. */
export const levelPath = (
  connectionId: string,
  page?: "mapping" | "matching" | "devices" | "webhook",
): string => `${LEVEL_PATH}/${connectionId}${page === undefined ? "" : `/${page}`}`;
