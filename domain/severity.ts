import type { AlertSnapshot } from "./snapshots";

const severityOf = {
  emergency: "critical",
  critical: "major",
  warning: "moderate",
  information: "minor",
} as const satisfies Record<string, AlertSnapshot["severity"]>;

/** Our severity for the provider's word; a word we do not know is `none`, never a guess. */
export function alertSeverity(providerWord: string | null): AlertSnapshot["severity"] {
  const word = providerWord?.trim().toLowerCase() ?? "";
  return Object.hasOwn(severityOf, word) ? severityOf[word as keyof typeof severityOf] : "none";
}
