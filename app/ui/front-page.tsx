import { useLocation, useRouteLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";

import { Callout } from "./callout";
import { Card } from "./card";
import { LogoMark } from "./logo";

/** A page before sign-in: one card in the middle. Warns if nobody can sign in at the address of the request. */
export const FrontPage = ({
  title,
  description,
  children,
}: {
  title: string;
  description?: ReactNode;
  children: ReactNode;
}) => (
  <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
    <div className="w-full max-w-sm">
      <div className="mb-6 flex flex-col items-center gap-3 text-center">
        <LogoMark className="size-11" />
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {description !== undefined && <p className="text-sm text-ink-muted">{description}</p>}
      </div>
      <InsecureAddress />
      <Card className="p-5">{children}</Card>
      <p className="mt-6 text-center text-xs text-ink-faint">
        Plumbline keeps client and asset records true.
      </p>
    </div>
  </main>
);

/** Links to this page at the address at which the browser keeps the session's cookie. */
function InsecureAddress() {
  const root = useRouteLoaderData("root") as { secureAddress?: string | null } | undefined;
  const { pathname, search } = useLocation();
  const address = root?.secureAddress ?? null;
  if (address === null) return null;
  return (
    <Callout tone="warn" className="mb-4">
      You cannot sign in at this address: over plain http your browser does not keep the secure cookie of a
      session. Go to{" "}
      <a href={address + pathname + search} className="font-medium underline">
        {address}
      </a>
      .
    </Callout>
  );
}
