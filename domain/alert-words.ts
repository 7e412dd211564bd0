/** The words of an alert, the most severe first. */

export const alertSeverities = ["critical", "major", "moderate", "minor", "none"] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** The severities as they begin a line. */
export const severityWords: Record<AlertSeverity, string> = {
  critical: "Critical",
  major: "Major",
  moderate: "Moderate",
  minor: "Minor",
  none: "No severity",
};

export const alertStatuses = ["active", "resolved"] as const;
export type AlertStatus = (typeof alertStatuses)[number];
