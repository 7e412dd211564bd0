/** The body that an automation's HTTP action sends. `{{…}}` are Level's own variables, filled in by Level. */
export const automationTemplate = (event: "alert.triggered" | "alert.resolved"): string =>
  JSON.stringify(
    {
      event,
      alert_id: "",
      device_id: "{{level_device_id}}",
      hostname: "{{level_device_hostname}}",
      name: "Low disk space",
      severity: "warning",
      description: "",
      occurred_at: "{{level_time}}",
    },
    null,
    2,
  );

/** The header that carries the secret in an automation's request. */
export const SECRET_HEADER = "X-Alga-Webhook-Secret";
