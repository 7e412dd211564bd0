import { Link } from "@remix-run/react";

import { targetPath, type ShownRun } from "./run-figures";

/** A link to the asset or alert of a run for a single one; renders nothing for other runs. */
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
