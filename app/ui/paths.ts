/** Addresses that several pages lead to. */

export const connectionPath = (connection: { provider: string; id: string }): string =>
  `/settings/integrations/${connection.provider}/${connection.id}`;

export const mappingPath = (connection: { provider: string; id: string }): string =>
  `${connectionPath(connection)}/mapping`;
