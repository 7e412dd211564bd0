import { foldText } from "@domain/text";

interface Named {
  id: string;
  name: string;
}

/**
 * The clients whose name has the letters of `query`, in their order: the very name first, then names that begin so.
 * @param query trimmed; all clients when it is empty
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
