import { describe, expect, it } from "vitest";

import { commandsFor } from "~/features/search/commands";

const titles = (role: Parameters<typeof commandsFor>[0], typed: string) => {
  const { pages, actions } = commandsFor(role, typed);
  return [...pages, ...actions].map(({ title }) => title);
};

describe("the pages and actions of the search", () => {
  it("offers a viewer no page and no action that would be refused", () => {
    expect(titles("viewer", "")).toEqual([
      "Overview",
      "Assets",
      "Clients",
      "Patches",
      "Alerts",
      "Coverage",
      "Pending review",
      "Sync runs",
      "Events",
      "Connections",
      "Rules",
      "Maintenance",
      "API tokens",
      "Differences",
      "List of alerts",
      "Webhook deliveries",
      "Identity",
      "New devices",
      "Outgoing webhooks",
      "API reference",
      "Your account",
      "Download assets as CSV",
      "Download clients as CSV",
      "Use the light theme",
      "Use the dark theme",
      "Use the system theme",
      "Sign out",
    ]);
    expect(titles("technician", "")).toContain("Run a sync");
    expect(titles("admin", "")).toEqual(
      expect.arrayContaining(["People", "Audit log", "Add an asset", "Invite a person"]),
    );
  });

  it("finds by each typed word, in the title or a synonym, whatever the case", () => {
    expect(titles("admin", "CSV clients")).toEqual(["Download clients as CSV"]);
    expect(titles("admin", "log out")).toEqual(["Sign out"]);
    expect(titles("admin", "no such thing")).toEqual([]);
  });
});
