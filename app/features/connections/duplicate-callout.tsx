import { Link } from "@remix-run/react";

import { Callout } from "~/ui/callout";

import { levelPath } from "./paths";

interface DuplicateCalloutProps {
  label: string;
  /** Other connections of the same account. */
  duplicates: { id: string; label: string }[];
}

/**
 * Warns that an account is connected twice. Each device is then found twice, and the second one stays pending forever.
 */
export function DuplicateCallout({ label, duplicates }: DuplicateCalloutProps) {
  if (duplicates.length === 0) return null;
  return (
    <Callout tone="warn" title="This Level account is connected more than once">
      {duplicates.map((duplicate) => (
        <p key={duplicate.id}>
          <Link to={levelPath(duplicate.id)} className="font-medium underline">
            {duplicate.label}
          </Link>{" "}
          reads the same account. A machine becomes the asset of whichever connection meets it first; the
          other keeps it waiting. Keep one, and disconnect {label} or {duplicate.label}.
        </p>
      ))}
    </Callout>
  );
}
