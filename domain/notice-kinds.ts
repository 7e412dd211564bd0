import { notificationKinds } from "./connection-health";

/** What e-mails are about: the state of a connection, or alerts. */
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
