import { Link } from "@remix-run/react";

import { targetPath, type ShownRun } from "./run-figures";

/** Links to the asset or alert of a run for one; nothing for a run of many. */
export function RunTargetLink({
  run,
  className,
}: {
  run: Pick<ShownRun, "target">;
  className?: string | undefined;
}) {
  if (run.target === null) return null;
  const to = targetPath(run);
  const { name } = run.target;
  return to === null ? (
    <span className={className} title={name}>
      {name}
    </span>
  ) : (
    <Link to={to} title={name} className={`${className ?? ""} hover:underline`}>
      {name}
    </Link>
  );
}
