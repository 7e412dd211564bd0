import { notificationKinds } from "./connection-health";

/** The kinds of e-mails: about the state of a connection, or about alerts. */
export const noticeKinds = [
  ...notificationKinds,
  "freshness_broken",
  "freshness_kept",
  "maintenance_ended",
  "rule_stopped",
  "rule_matched",
  "automation_not_started",
  "digest",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];
