import type { Tone } from "../ui/badge";

export interface IntegrationFacts {
  status: "active" | "needs_attention" | "disconnected";
  syncStatus: "never" | "syncing" | "completed" | "completed_with_errors" | "failed";
  pausedReason: string | null;
}

/** The one word that a connection's state comes down to, the worst first. */
export function integrationState(facts: IntegrationFacts): { text: string; tone: Tone; live?: boolean } {
  if (facts.status === "disconnected") return { text: "Disconnected", tone: "neutral" };
  if (facts.status === "needs_attention") return { text: "Needs attention", tone: "bad" };
  if (facts.syncStatus === "syncing") return { text: "Syncing", tone: "info", live: true };
  if (facts.pausedReason !== null) return { text: "Paused", tone: "warn" };
  switch (facts.syncStatus) {
    case "never":
      return { text: "Not synced yet", tone: "neutral" };
    case "completed":
      return { text: "Healthy", tone: "good" };
    case "completed_with_errors":
      return { text: "Healthy, with errors", tone: "warn" };
    case "failed":
      return { text: "Last sync failed", tone: "bad" };
  }
}
