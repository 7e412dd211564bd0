import { Link } from "@remix-run/react";

import { Callout } from "~/ui/callout";

import { levelPath } from "./paths";

interface TwinCalloutProps {
  label: string;
  /** Other connections of the same account. */
  twins: { id: string; label: string }[];
}

/** Warns that an account is connected twice: each device is then found twice, and the second stays pending forever. */
export function DuplicateCallout({ label, twins }: TwinCalloutProps) {
  if (twins.length === 0) return null;
  return (
    <Callout tone="warn" title="This Level account is connected more than once">
      {twins.map((twin) => (
        <p key={twin.id}>
          <Link to={levelPath(twin.id)} className="font-medium underline">
            {twin.label}
          </Link>{" "}
          reads the same account. A machine becomes the asset of whichever connection meets it first; the
          other keeps it waiting. Keep one, and disconnect {label} or {twin.label}.
        </p>
      ))}
    </Callout>
  );
}
