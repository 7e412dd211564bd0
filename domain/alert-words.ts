/** The words of an alert, the most severe first. */

export const alertSeverities = ["critical", "major", "moderate", "minor", "none"] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

export const alertStatuses = ["active", "resolved"] as const;
export type AlertStatus = (typeof alertStatuses)[number];
