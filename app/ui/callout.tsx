import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { cn } from "./cn";

const looks = {
  info: { icon: Info, box: "border-info/25 bg-info-soft", mark: "text-info" },
  good: { icon: CircleCheck, box: "border-good/25 bg-good-soft", mark: "text-good" },
  warn: { icon: TriangleAlert, box: "border-warn/25 bg-warn-soft", mark: "text-warn" },
  bad: { icon: CircleAlert, box: "border-bad/25 bg-bad-soft", mark: "text-bad" },
} as const;

export interface CalloutProps {
  tone: keyof typeof looks;
  title?: ReactNode;
  /** Screen readers announce it at once; for the result of an action. */
  alert?: boolean;
  actions?: ReactNode;
  className?: string;
  children?: ReactNode;
}

export function Callout({ tone, title, alert = false, actions, className, children }: CalloutProps) {
  const { icon: Icon, box, mark } = looks[tone];
  return (
    <div
      role={alert ? "alert" : undefined}
      className={cn(
        "flex flex-wrap items-start gap-x-3 gap-y-2 rounded-lg border px-3.5 py-3 text-sm",
        box,
        className,
      )}
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", mark)} />
      <div className="min-w-0 flex-1 basis-56">
        {title !== undefined && <p className="font-medium">{title}</p>}
        {children !== undefined && (
          <div className={cn("text-ink-muted", title === undefined && "text-ink")}>{children}</div>
        )}
      </div>
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
