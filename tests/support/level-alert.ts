/** An alert as Level's webhook carries it. */
export function levelAlert(more: Record<string, unknown> = {}) {
  return {
    id: "alert-1",
    device_id: "device-1",
    device_hostname: "HLD-FRONT-03",
    name: "Low disk space (C:)",
    description: "Disk free space <15% for 10 minutes",
    payload: null,
    severity: "critical",
    is_resolved: false,
    started_at: "2026-10-08T13:48:05.000Z",
    resolved_at: null,
    ...more,
  };
}
