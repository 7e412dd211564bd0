import { foldText } from "@domain/text";

interface Named {
  id: string;
  name: string;
}

/**
 * Finds clients whose name contains the letters of `query` in order: exact matches first, then prefixes.
 * @param query trimmed; an empty one finds all clients
 */
export function findClients<T extends Named>(clients: readonly T[], query: string): readonly T[] {
  if (query === "") return clients;
  const wanted = foldText(query);
  const ranks: [T[], T[], T[]] = [[], [], []];
  for (const client of clients) {
    const name = foldText(client.name);
    if (name === wanted) ranks[0].push(client);
    else if (name.startsWith(wanted)) ranks[1].push(client);
    else if (name.includes(wanted)) ranks[2].push(client);
  }
  return ranks.flat();
}
