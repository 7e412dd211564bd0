type AutomationEvent = "alert.triggered" | "alert.resolved";

/** Begins what a person must replace: the reader takes it for blank as long as nobody has. */
export const EDIT_ME = "EDIT ME:";

/**
 * What an automation's HTTP action sends, field by field. `{{…}}` are Level's own variables, filled in by Level, which
 * has none for an alert: its name and severity are written by hand.
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

/** The same as one line of form fields. */
export const automationForm = (event: AutomationEvent): string =>
  automationFields(event)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");

/** The same as JSON. */
export const automationTemplate = (event: AutomationEvent): string =>
  JSON.stringify(Object.fromEntries(automationFields(event)), null, 2);

/** The header that carries the secret in an automation's request. */
export const SECRET_HEADER = "X-Alga-Webhook-Secret";
