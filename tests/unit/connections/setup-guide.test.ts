import { expect, it } from "vitest";

import { setupGuide, type SetupFacts } from "@domain/setup-guide";

const nothing: SetupFacts = {
  hasKey: false,
  groups: 0,
  mappedGroups: 0,
  hasFullSync: false,
  hasReceivedWebhook: false,
};
const stepsOf = (facts: Partial<SetupFacts>) =>
  setupGuide({ ...nothing, ...facts })
    .map(({ id, done, current }) => `${id}${done ? " ✓" : ""}${current ? " ←" : ""}`)
    .join(", ");

it.each([
  [{}, "key ←, groups, mapping, sync, webhook"],
  [{ hasKey: true }, "key ✓, groups ←, mapping, sync, webhook"],
  [{ hasKey: true, groups: 3 }, "key ✓, groups ✓, mapping ←, sync, webhook"],
  [{ hasKey: true, groups: 3, mappedGroups: 1 }, "key ✓, groups ✓, mapping ✓, sync ←, webhook"],
  [{ hasKey: true, groups: 3, hasFullSync: true }, "key ✓, groups ✓, mapping ←, sync ✓, webhook"],
  [{ groups: 3, mappedGroups: 3, hasFullSync: true }, "key ←, groups ✓, mapping ✓, sync ✓, webhook"],
  [
    { hasKey: true, groups: 3, mappedGroups: 3, hasFullSync: true, hasReceivedWebhook: true },
    "key ✓, groups ✓, mapping ✓, sync ✓, webhook ✓",
  ],
])("with %j the guide stands at: %s", (facts, steps) => {
  expect(stepsOf(facts)).toBe(steps);
});
