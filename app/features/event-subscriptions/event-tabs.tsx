import { PageHeader } from "~/ui/page-header";
import { TabNav } from "~/ui/tab-nav";

/** The tabs that the event pages share. */
export const EventsHeader = () => (
  <>
    <PageHeader title="Events" description="What happened, and which external systems receive it." />
    <TabNav
      label="Pages about events"
      tabs={[
        { to: "/events", label: "What happened", end: true },
        { to: "/events/webhooks", label: "Webhooks" },
      ]}
    />
  </>
);
