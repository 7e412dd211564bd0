import type { ReactNode } from "react";

import { Card } from "./card";
import { LogoMark } from "./logo";

/** A page before sign-in: one card in the middle. */
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
      <Card className="p-5">{children}</Card>
      <p className="mt-6 text-center text-xs text-ink-faint">
        Plumbline keeps client and asset records true.
      </p>
    </div>
  </main>
);
