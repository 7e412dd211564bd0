import { useEffect, useState } from "react";

import type { MappingRuleInput } from "@domain/mapping-rules";

/** Unsaved rules. */
export interface RulesDraft {
  rules: MappingRuleInput[];
  /** The version of the mapping that the draft is based on. */
  version: number;
}

const keyOf = (connectionId: string) => `plumbline.mapping-rules.${connectionId}`;

/**
 * The draft of a connection's rules. This tab stores it, so that it survives a reload, a new sign-in or an outage.
 * @param connectionId null if the person may change nothing
 */
export function useKeptRules(connectionId: string | null) {
  const [draft, setDraft] = useState<RulesDraft | null>(null);
  const [isRestored, setRestored] = useState(false);
  useEffect(() => {
    if (connectionId !== null) setDraft(readKept(connectionId));
    setRestored(true);
  }, [connectionId]);
  useEffect(() => {
    if (isRestored && connectionId !== null) keep(connectionId, draft);
  }, [isRestored, connectionId, draft]);
  return [draft, setDraft] as const;
}

function readKept(connectionId: string): RulesDraft | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(connectionId)) ?? "null") as RulesDraft | null;
  } catch {
    return null;
  }
}

function keep(connectionId: string, draft: RulesDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(keyOf(connectionId));
    else sessionStorage.setItem(keyOf(connectionId), JSON.stringify(draft));
  } catch {
    // If the browser cannot store the draft, it lasts as long as the page.
  }
}
