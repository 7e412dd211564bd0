import { json, type LinksFunction, type MetaFunction } from "@remix-run/node";
import {
  Links,
  LiveReload,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLoaderData,
  useRouteLoaderData,
} from "@remix-run/react";
import type { ReactNode } from "react";

import { open } from "~/auth/guard.server";
import { secureAddressInstead } from "~/auth/secure-cookie.server";
import { readSessionToken } from "~/auth/session.server";
import { csrfTokenOf } from "~/auth/tokens.server";
import { forgetFlash, readFlash, readTheme, readTimeZone } from "~/platform/http/preferences.server";
import stylesheet from "./tailwind.css";
import { ErrorPage } from "~/ui/error-page";
import { CsrfProvider } from "~/ui/form";
import { useHydrated } from "~/ui/hydrated";
import { useNonce } from "~/ui/nonce";
import { ClockProvider } from "~/ui/time";
import { Toaster } from "~/ui/toast";
import { TooltipProvider } from "~/ui/tooltip";

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: stylesheet },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
  { rel: "icon", href: "/favicon.ico", sizes: "32x32" },
];

export const meta: MetaFunction = () => [{ title: "Plumbline" }];

export const loader = /* @__PURE__ */ open(
  "theme, time zone and message of this browser, and the address to use; nobody's data",
  async ({ app, request }) => {
    const flash = await readFlash(request);
    const token = await readSessionToken(app.config, request);
    const headers = new Headers();
    if (flash !== null) headers.set("Set-Cookie", await forgetFlash());
    return json(
      {
        theme: await readTheme(request),
        timeZone: readTimeZone(request),
        now: app.clock().getTime(),
        csrf: token === null ? "" : csrfTokenOf(token),
        flash,
        secureAddress: secureAddressInstead(app.config, request),
      },
      { headers },
    );
  },
);

/** The document. Errors are rendered inside it too, so it may use no loader's data. */
export function Layout({ children }: { children: ReactNode }) {
  const data = useRouteLoaderData<typeof loader>("root");
  const nonce = useNonce();
  // Called here, so that every later page knows that scripts run, whichever page was the first.
  const isHydrated = useHydrated();
  const theme = data?.theme ?? "system";
  return (
    <html
      lang="en"
      data-theme={theme === "system" ? undefined : theme}
      data-hydrated={isHydrated ? "" : undefined}
      className="h-full"
    >
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        <Meta />
        <Links />
      </head>
      <body className="min-h-full">
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
        <LiveReload nonce={nonce} />
      </body>
    </html>
  );
}

export default function Root() {
  const { now, timeZone, csrf, flash } = useLoaderData<typeof loader>();
  return (
    <ClockProvider now={now} timeZone={timeZone}>
      <CsrfProvider value={csrf}>
        <TooltipProvider>
          <Outlet />
          <Toaster flash={flash} />
        </TooltipProvider>
      </CsrfProvider>
    </ClockProvider>
  );
}

export function ErrorBoundary() {
  return <ErrorPage />;
}
