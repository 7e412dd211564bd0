type AutomationEvent = "alert.triggered" | "alert.resolved";

/** The prefix of a value that a person must replace. The reader treats such a value as blank. */
export const EDIT_ME = "EDIT ME:";

/**
 * The fields of an automation's HTTP action. Level fills in its variables `{{…}}`. It has none for an alert's name and
 * severity, so a person writes those.
 */
export const automationFields = (event: AutomationEvent): [name: string, value: string][] => [
  ["event", event],
  ["device_id", "{{level_device_id}}"],
  ["hostname", "{{level_device_hostname}}"],
  ["name", `${EDIT_ME} the alert’s name, as its monitor has it`],
  ...(event === "alert.triggered"
    ? [["severity", `${EDIT_ME} emergency, critical, warning or information`] as [string, string]]
    : []),
  ["occurred_at", "{{level_time}}"],
];

/** The template as one line of form fields. */
export const automationForm = (event: AutomationEvent): string =>
  automationFields(event)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

/** The template as JSON. */
export const automationTemplate = (event: AutomationEvent): string =>
  JSON.stringify(Object.fromEntries(automationFields(event)), null, 2);

/** The header that carries the secret in an automation's request. */
export const SECRET_HEADER = "X-Alga-Webhook-Secret";
