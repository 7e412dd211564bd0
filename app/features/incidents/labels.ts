import { count } from "@domain/format";
import type { IncidentKind } from "@domain/incident-storms";
import type { IncidentState } from "@domain/incidents";
import type { Tone } from "~/ui/badge";
import { severityLabels } from "~/ui/labels";

/** Labels of incidents. */

export const incidentStateLabels: Record<IncidentState, { text: string; tone: Tone }> = {
  open: { text: "Open", tone: "warn" },
  acknowledged: { text: "Acknowledged", tone: "info" },
  snoozed: { text: "Snoozed", tone: "neutral" },
  resolved: { text: "Resolved", tone: "good" },
};

type Details = Readonly<Record<string, unknown>>;

const severityText = (word: unknown): string =>
  typeof word === "string" && Object.hasOwn(severityLabels, word)
    ? severityLabels[word as keyof typeof severityLabels].text.toLowerCase()
    : "another";

const maintenanceText = (window: unknown): string =>
  typeof window === "string" ? `Maintenance “${window}”` : "Maintenance mode of the RMM";

/** The text of a timeline entry, which follows the person's name if a person acted. */
export const entryTexts: Record<string, (details: Details) => string> = {
  opened: ({ severity }) => `Opened with severity ${severityText(severity)}`,
  severity_raised: ({ from, to }) => `Severity rose from ${severityText(from)} to ${severityText(to)}`,
  devices_added: ({ devices }) => `${count(Number(devices) || 0, "more device", "more devices")} affected`,
  reopened: () => "Reopened: an alert began again",
  snooze_ended: () => "The snooze ended",
  rule_matched: ({ rule }) => `The rule “${String(rule)}” acted`,
  rmm_resolved: ({ alerts }) => `The RMM resolved ${count(Number(alerts) || 0, "alert")}`,
  rmm_not_resolved: ({ reason }) => `The RMM did not resolve it: ${String(reason)}`,
  automation_started: ({ rule, devices }) =>
    `The rule “${String(rule)}” started its automation on ${count(Number(devices) || 0, "device")}`,
  automation_refused: ({ rule, reason }) =>
    `The automation of the rule “${String(rule)}” was not started: ${String(reason)}`,
  automation_unknown: ({ rule, reason }) =>
    `The automation of the rule “${String(rule)}” may have been started: somebody has to look (${String(reason)})`,
  person_rmm_resolution: () => "asked the RMM to resolve it",
  maintenance_began: ({ window }) => `${maintenanceText(window)}: no notices are sent`,
  maintenance_ended: ({ window }) => `${maintenanceText(window)} ended while it was open`,
  resolved: () => "Resolved: all alerts have ended and stayed so",
  person_acknowledged: () => "acknowledged it",
  person_reopened: () => "reopened it",
  person_snoozed: () => "snoozed it",
  person_owned: () => "took it",
  person_disowned: () => "released it",
  person_resolved: () => "resolved it here",
  person_commented: () => "wrote",
  person_ticket_requested: () => "asked for a ticket",
  ticket_opened: ({ number }) => `Ticket ${typeof number === "string" ? number : ""} opened`,
  ticket_commented: () => "Ticket updated",
  ticket_merged: ({ number }) =>
    `A second ticket ${typeof number === "string" ? `${number} ` : ""}was told where this goes on`,
  ticket_closed: () => "Resolution sent to the ticket",
  ticket_unknown: () => "A ticket may have been opened: somebody has to look",
  ticket_given_up: () => "The ticket could not be reached for a day",
};

/** The title of an incident. A storm has no alert to be named after. */
export const incidentTitle = ({
  kind,
  name,
  client,
}: {
  kind: IncidentKind;
  name: string;
  client: string | null;
}): string => {
  switch (kind) {
    case "condition":
      return name;
    case "storm":
      return `Alert storm${client === null ? "" : ` at ${client}`}`;
    case "connection_storm":
      return "Alert storm across clients";
  }
};

/** The times for which an incident can be snoozed, in hours. */
export const snoozeChoices = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "1 day"],
  [168, "1 week"],
] as const;
