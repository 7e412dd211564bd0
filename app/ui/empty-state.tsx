import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Replaces an empty list: says why it is empty and what to do about it. */
export const EmptyState = ({ icon: Icon, title, children, action }: EmptyStateProps) => (
  <div className="flex flex-col items-center px-6 py-12 text-center">
    <span className="mb-3 grid size-10 place-items-center rounded-full bg-sunken text-ink-muted">
      <Icon aria-hidden className="size-5" />
    </span>
    <p className="font-medium">{title}</p>
    {children !== undefined && <div className="mt-1 max-w-md text-sm text-ink-muted">{children}</div>}
    {action !== undefined && <div className="mt-4">{action}</div>}
  </div>
);
