import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { Callout } from "~/ui/callout";
import { ExactTime } from "~/ui/time";

import type { readMaintenanceOf } from "./windows.page.server";

type Windows = SerializeFrom<Awaited<ReturnType<typeof readMaintenanceOf>>>;

/** Says that an asset is in maintenance now, and by which windows. */
export const MaintenanceCallout = ({ windows, mayPlan }: { windows: Windows; mayPlan: boolean }) =>
  windows.length === 0 ? null : (
    <Callout tone="info" className="mb-5" title="In maintenance">
      <ul>
        {windows.map(({ id, name, pattern, until }) => (
          <li key={id}>
            {mayPlan ? (
              <Link to={`/settings/maintenance/${id}`} className="text-accent hover:underline">
                {name}
              </Link>
            ) : (
              name
            )}
            , until <ExactTime at={until} />
            {pattern !== "" && `, for alerts named “${pattern}”`}
          </li>
        ))}
      </ul>
    </Callout>
  );
