import { PageHeader } from "~/ui/page-header";
import { TabNav } from "~/ui/tab-nav";

/** What the pages about events have in common. */
export const EventsHeader = () => (
  <>
    <PageHeader title="Events" description="What has happened, and who outside is told of it." />
    <TabNav
      label="Pages about events"
      tabs={[
        { to: "/events", label: "What happened", end: true },
        { to: "/events/webhooks", label: "Webhooks" },
      ]}
    />
  </>
);
