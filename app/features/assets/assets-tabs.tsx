import { Badge } from "~/ui/badge";
import { TabNav } from "~/ui/tab-nav";

/** The tabs of the pages about all assets. */
export const AssetsTabs = ({ differences }: { differences: number }) => (
  <TabNav
    label="Pages about assets"
    tabs={[
      { to: "/assets", label: "All assets", end: true },
      {
        to: "/assets/differences",
        label: (
          <>
            Differences to Level
            {differences > 0 && <Badge>{differences > 99 ? "99+" : differences}</Badge>}
          </>
        ),
      },
    ]}
  />
);
