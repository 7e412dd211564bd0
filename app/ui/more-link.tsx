import { Link } from "@remix-run/react";

/** Leads from a card to the list that it is a part of. */
export const MoreLink = ({ to, children }: { to: string; children: string }) => (
  <Link to={to} prefetch="intent" className="text-xs font-medium text-accent hover:underline">
    {children}
  </Link>
);
