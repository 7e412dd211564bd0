import { Link } from "@remix-run/react";

/** Links from a card to the list that it shows a part of. */
export const MoreLink = ({ to, children }: { to: string; children: string }) => (
  <Link to={to} prefetch="intent" className="text-xs font-medium text-accent hover:underline">
    {children}
  </Link>
);
