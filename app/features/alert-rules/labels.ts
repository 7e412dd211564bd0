import type { RuleActions, RuleHours } from "@domain/alert-rules";
import { count } from "@domain/format";
import { weekdayNames } from "@domain/repeat";
import { severityLabels } from "~/ui/labels";

/** The times for which a rule can ignore an incident, in hours. */
export const ignoreHours = [
  [1, "1 hour"],
  [4, "4 hours"],
  [24, "1 day"],
  [168, "1 week"],
  [720, "30 days"],
] as const;

/** The actions of a rule as a short text. */
export function actionsText(
  actions: RuleActions,
  names: Record<"people" | "systems" | "connections", ReadonlyMap<string, string>>,
): string {
  const { severity, ownerId, ticketSystemId, channelIds, automation } = actions;
  const hours = ignoreHours.find(([value]) => value === actions.ignoreHours)?.[1];
  return [
    ...(severity === null ? [] : [`severity ${severityLabels[severity].text.toLowerCase()}`]),
    ...(ownerId === null ? [] : [`owner ${names.people.get(ownerId) ?? "nobody any more"}`]),
    ...(hours === undefined ? [] : [`ignored for ${hours}`]),
    ...(actions.mails ? ["e-mail"] : []),
    ...(channelIds.length === 0 ? [] : [count(channelIds.length, "channel")]),
    ...(ticketSystemId === null
      ? []
      : [`ticket in ${names.systems.get(ticketSystemId) ?? "no system any more"}`]),
    ...(actions.resolvesInRmm ? ["resolved in the RMM"] : []),
    ...(automation === null
      ? []
      : [`automation of ${names.connections.get(automation.connectionId) ?? "no connection any more"}`]),
  ].join(", ");
}

export function hoursText({ days, from, to }: RuleHours): string {
  const on = days.length === 0 ? "every day" : days.map((day) => weekdayNames[day]).join(", ");
  return from === to ? on : `${on}, ${from} to ${to}`;
}
