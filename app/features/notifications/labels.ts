import { DAILY_AT_HOUR, type NoticePace } from "@domain/notice-choice";
import type { NoticeKind } from "@domain/notice-kinds";

export const paceLabels: Record<NoticePace, string> = {
  now: "At once, one e-mail each",
  hourly: "Once an hour, in one e-mail",
  daily: `Once a day at ${DAILY_AT_HOUR}:00, in one e-mail`,
  never: "Never",
};

/** The kinds of notices that a person can choose. A digest consists of the others. */
export const noticeKindLabels: Record<Exclude<NoticeKind, "digest">, string> = {
  failing: "A connection fails",
  recovered: "A connection works again",
  paused: "A schedule is paused",
  needs_attention: "An API key is refused",
  held: "Changes wait for review",
  rule_matched: "A rule matches an incident",
  freshness_broken: "Devices are not confirmed in time",
  freshness_kept: "Devices are confirmed in time again",
  rule_stopped: "A rule has stopped itself",
  automation_not_started: "A rule's automation was not started, or nobody knows",
  maintenance_ended: "Maintenance ended with incidents open",
};
