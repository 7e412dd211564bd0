import { meets, type AlertConditions, type ConditionDevice, type ConditionSubject } from "./alert-conditions";
import type { AlertSeverity } from "./alert-words";
import { DAY_MS } from "./durations";
import { weekdays, type Weekday } from "./repeat";
import type { RuleAutomation } from "./rule-automations";
import { wallMs } from "./wall-clock";

/** Rules act on incidents as they open: in their order, each once per incident. */

/** Hours of the week; from 22:00 to 06:00 continues into the next day. No days means every day. */
export interface RuleHours {
  days: Weekday[];
  from: string;
  to: string;
}

export interface RuleActions {
  severity: AlertSeverity | null;
  ownerId: string | null;
  /** Hours for which the incident is snoozed, without notices. */
  ignoreHours: number | null;
  /** An e-mail to the recipients of notifications. */
  mails: boolean;
  /** Subscriptions that get a message. */
  channelIds: string[];
  ticketSystemId: string | null;
  resolvesInRmm: boolean;
  /** The automation of the RMM that it starts, once per incident. */
  automation: RuleAutomation | null;
}

export const noActions: RuleActions = {
  severity: null,
  ownerId: null,
  ignoreHours: null,
  mails: false,
  channelIds: [],
  ticketSystemId: null,
  resolvesInRmm: false,
  automation: null,
};

/** Whether a rule has no action, in which case it may not be saved. */
export const doesNothing = (actions: RuleActions): boolean =>
  actions.severity === null &&
  actions.ownerId === null &&
  actions.ignoreHours === null &&
  !actions.mails &&
  actions.channelIds.length === 0 &&
  actions.ticketSystemId === null &&
  !actions.resolvesInRmm &&
  actions.automation === null;

/** A rule stops itself before it acts on more incidents than this within an hour. */
export const MAX_HITS_AN_HOUR = 50;

export interface AlertRule {
  id: string;
  conditions: AlertConditions;
  hours: RuleHours | null;
  /** Whether later rules are skipped for an incident that this one matches. */
  stops: boolean;
}

export interface RuleSubject extends ConditionSubject {
  openedMs: number;
  devices: readonly ConditionDevice[];
}

/** The rules that an incident matches, in their order, up to the first that stops. */
export function matchingRules<Rule extends AlertRule>(
  rules: readonly Rule[],
  subject: RuleSubject,
  timeZone: string,
): Rule[] {
  const found: Rule[] = [];
  for (const rule of rules) {
    if (!matchesRule(rule, subject, timeZone)) continue;
    found.push(rule);
    if (rule.stops) break;
  }
  return found;
}

/** Whether any device of an incident matches a rule, at the hour when the incident opened. */
export function matchesRule(
  { conditions, hours }: AlertRule,
  subject: RuleSubject,
  timeZone: string,
): boolean {
  if (hours !== null && !isWithin(hours, wallMs(subject.openedMs, timeZone))) return false;
  const devices = subject.devices.length > 0 ? subject.devices : [unknownDevice];
  return devices.some((device) => meets(conditions, subject, device));
}

const unknownDevice: ConditionDevice = {
  assetId: null,
  groupIds: [],
  tags: [],
  assetType: null,
  platform: null,
};

function isWithin({ days, from, to }: RuleHours, wall: number): boolean {
  const time = new Date(wall).toISOString().slice(11, 16);
  const isOn = (day: Weekday) => days.length === 0 || days.includes(day);
  if (from === to) return isOn(dayOf(wall));
  if (from < to) return isOn(dayOf(wall)) && from <= time && time < to;
  return (isOn(dayOf(wall)) && from <= time) || (isOn(dayOf(wall - DAY_MS)) && time < to);
}

const dayOf = (wall: number): Weekday => weekdays[(new Date(wall).getUTCDay() + 6) % 7]!;
