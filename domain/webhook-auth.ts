/** How a webhook proves that it comes from the RMM: Level's own signature, or the secret that an automation sends. */
export const webhookAuthSchemes = ["signed", "automation"] as const;
export type WebhookAuthScheme = (typeof webhookAuthSchemes)[number];

/** The outcome of a delivery with a valid secret. */
export const deliveryOutcomes = [
  /** Accepted: the alert was written, or a refresh of a device or group was requested. */
  "accepted",
  /** True in the past: a newer report, which was kept, has overtaken it. */
  "stale",
  /** An event of an unknown type. */
  "ignored",
  /** Correctly signed, and not a body that Level or our instructions would send. */
  "unreadable",
] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];
