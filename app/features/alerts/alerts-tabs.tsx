import { TabNav } from "~/ui/tab-nav";

/** The tabs of the pages about what the RMM reports by webhook. */
export const AlertsTabs = () => (
  <TabNav
    label="Pages about alerts"
    tabs={[
      { to: "/alerts", label: "Incidents", end: true },
      { to: "/alerts/list", label: "Alerts" },
      { to: "/alerts/deliveries", label: "Deliveries" },
    ]}
  />
);
