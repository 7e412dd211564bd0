import { TabNav } from "~/ui/tab-nav";

/** The tabs of the pages about all clients. */
export const ClientsTabs = () => (
  <TabNav
    label="Pages about clients"
    tabs={[
      { to: "/clients", label: "Clients", end: true },
      { to: "/clients/counts", label: "Device counts" },
    ]}
  />
);
