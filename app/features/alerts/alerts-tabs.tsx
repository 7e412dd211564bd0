import { TabNav } from "~/ui/tab-nav";

/** The pages about what the RMM tells as it happens. */
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
