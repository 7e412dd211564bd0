/** How a webhook proves that it comes from the RMM: Level's own signature, or the secret that an automation sends. */
export const webhookAuthSchemes = ["signed", "automation"] as const;
export type WebhookAuthScheme = (typeof webhookAuthSchemes)[number];

/** The outcome of a delivery whose secret was right. */
export const deliveryOutcomes = [
  /** Accepted: the alert was written, or a device or the groups are looked at again. */
  "accepted",
  /** True once: what it says was overtaken by something newer, which was kept. */
  "stale",
  /** An event type that is not known yet. */
  "ignored",
  /** Rightly signed, and not what Level or our instructions would send. */
  "unreadable",
] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];
