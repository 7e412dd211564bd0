/** Addresses that several pages link to. */

export const connectionPath = (connection: { provider: string; id: string }): string =>
  `/settings/integrations/${connection.provider}/${connection.id}`;

/** The address of a connection's mapping page. */
export const mappingPath = (connection: { provider: string; id: string }): string =>
  `${connectionPath(connection)}/mapping`;

/** The parameters of a list's address without its place, because a new filter or order begins at the start. */
export function firstPage(search: string): URLSearchParams {
  const params = new URLSearchParams(search);
  for (const name of ["page", "after", "before"]) params.delete(name);
  return params;
}
