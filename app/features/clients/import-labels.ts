import type { ImportedKind } from "./csv.server";

/** The plural of what is imported. */
export const importNouns: Record<ImportedKind, string> = {
  client: "Clients",
  site: "Sites",
  contact: "Contacts",
};
