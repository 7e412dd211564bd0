/** The address of the page of all Level connections. */
export const LEVEL_PATH = "/settings/integrations/levelio";

/** The address of a connection's page, or of one of the pages below it. */
export const levelPath = (
  connectionId: string,
  page?: "mapping" | "matching" | "devices" | "webhook",
): string => `${LEVEL_PATH}/${connectionId}${page === undefined ? "" : `/${page}`}`;
