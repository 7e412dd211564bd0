import { cleanClientName } from "@domain/client-name";

import type { Assignment, Tree } from "./model";

/**
 * Assigns each group the client of its own name, if one has exactly that name. Leaves groups whose names only resemble
 * a client to a person; but if all of `ids` do, each gets a new client.
 */
export function ownNames(
  tree: Tree,
  ids: readonly string[],
): { assignments: ReadonlyMap<string, Assignment>; resembling: readonly string[] } {
  const suggestionOf = (id: string) => tree.get(id)?.group.suggestion ?? null;
  const resembling = ids.filter((id) => suggestionOf(id)?.match === "similar");
  const taken = resembling.length === ids.length ? ids : ids.filter((id) => !resembling.includes(id));
  const assignments = new Map<string, Assignment>();
  for (const id of taken) {
    const suggestion = suggestionOf(id);
    if (suggestion !== null && suggestion.match !== "similar")
      assignments.set(id, { state: "mapped", clientId: suggestion.clientId });
    else assignments.set(id, { state: "mapped", clientName: cleanClientName(tree.get(id)!.group.name) });
  }
  return { assignments, resembling };
}
