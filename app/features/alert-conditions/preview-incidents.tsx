import { Link } from "@remix-run/react";

import type { AlertSeverity } from "@domain/alert-words";
import { CardFooter } from "~/ui/card";
import { severityLabels } from "~/ui/labels";
import { RelativeTime } from "~/ui/time";

export interface PreviewIncidentsProps {
  incidents: { id: string; name: string; severity: AlertSeverity; client: string | null; openedAt: string }[];
  /** The number of matching incidents in all. */
  found: number;
}

/** The latest incidents that a window or a rule would have matched. */
export const PreviewIncidents = ({ incidents, found }: PreviewIncidentsProps) => (
  <>
    {incidents.length > 0 && (
      <ul>
        {incidents.map((one) => (
          <li key={one.id} className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
            <div className="min-w-0 flex-1 wrap-anywhere">
              <Link to={`/alerts/incidents/${one.id}`} className="font-medium hover:underline">
                {one.name}
              </Link>
              <p className="text-xs text-ink-muted">
                {severityLabels[one.severity].text}
                {one.client !== null && ` · ${one.client}`}
              </p>
            </div>
            <RelativeTime at={one.openedAt} className="w-24 text-right text-xs text-ink-muted" />
          </li>
        ))}
      </ul>
    )}
    {found > incidents.length && (
      <CardFooter className="text-xs text-ink-muted">The {incidents.length} latest of them.</CardFooter>
    )}
  </>
);
