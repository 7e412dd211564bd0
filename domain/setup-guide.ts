/** The steps from nothing to a connection that keeps itself up to date. The data decides whether a step is done. */

const setupSteps = ["key", "groups", "mapping", "sync", "webhook"] as const;
export type SetupStepId = (typeof setupSteps)[number];

export interface SetupFacts {
  hasKey: boolean;
  /** Number of known groups of the account. */
  groups: number;
  /** Number of groups with a client of their own. */
  mappedGroups: number;
  hasFullSync: boolean;
  hasReceivedWebhook: boolean;
}

export interface SetupStep {
  id: SetupStepId;
  done: boolean;
  /** The first step that is not done. */
  current: boolean;
}

const isDone: Record<SetupStepId, (facts: SetupFacts) => boolean> = {
  key: (facts) => facts.hasKey,
  groups: (facts) => facts.groups > 0,
  mapping: (facts) => facts.mappedGroups > 0,
  sync: (facts) => facts.hasFullSync,
  webhook: (facts) => facts.hasReceivedWebhook,
};

/** The steps of setting a connection up, with the finished ones and the current one: the first that is not done. */
export function setupGuide(facts: SetupFacts): SetupStep[] {
  const current = setupSteps.find((id) => !isDone[id](facts));
  return setupSteps.map((id) => ({ id, done: isDone[id](facts), current: id === current }));
}
