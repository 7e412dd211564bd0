import type { ImportedKind } from "./csv.server";

/** What is imported, in the plural. */
export const importNouns: Record<ImportedKind, string> = {
  client: "Clients",
  site: "Sites",
  contact: "Contacts",
};
