/** How a webhook proves that it comes from the RMM: Level's own signature, or the secret that an automation sends. */
export const webhookAuthSchemes = ["signed", "automation"] as const;
export type WebhookAuthScheme = (typeof webhookAuthSchemes)[number];
