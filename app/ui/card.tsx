import type { HTMLAttributes, ReactNode } from "react";

import { cn } from "./cn";

export const Card = ({ className, ...rest }: HTMLAttributes<HTMLElement>) => (
  <section className={cn("rounded-lg border border-line bg-surface shadow-card", className)} {...rest} />
);

export interface CardHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  className?: string;
}

export const CardHeader = ({ title, description, actions, className }: CardHeaderProps) => (
  <header
    className={cn("flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-3.5 pb-3", className)}
  >
    <div className="min-w-0">
      <h2 className="text-sm font-semibold">{title}</h2>
      {description !== undefined && <p className="mt-0.5 text-sm text-ink-muted">{description}</p>}
    </div>
    {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
  </header>
);

export const CardBody = ({ className, ...rest }: HTMLAttributes<HTMLDivElement>) => (
  <div className={cn("px-4 pb-4", className)} {...rest} />
);

export const CardFooter = ({ className, ...rest }: HTMLAttributes<HTMLElement>) => (
  <footer
    className={cn("flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3", className)}
    {...rest}
  />
);

/** Names and values, side by side if there is room. */
export const Facts = ({ children, className }: { children: ReactNode; className?: string }) => (
  <dl className={cn("grid grid-cols-1 gap-x-8 gap-y-2.5 sm:grid-cols-2", className)}>{children}</dl>
);

interface FactProps {
  name: ReactNode;
  className?: string;
  /** A note shown after the value. */
  more?: ReactNode;
  children: ReactNode;
}

export const Fact = ({ name, className, more = false, children }: FactProps) => (
  <div className={cn("flex min-w-0 flex-col", className)}>
    <dt className="text-xs text-ink-faint">{name}</dt>
    <dd className="min-w-0 text-sm">
      {children === false || children === "" ? <Absent /> : (children ?? <Absent />)}
    </dd>
    {more !== false && <dd>{more}</dd>}
  </div>
);

/** Shown for an unknown value. */
export const Absent = () => (
  <span className="text-ink-faint">
    <span aria-hidden>–</span>
    <span className="sr-only">not known</span>
  </span>
);
