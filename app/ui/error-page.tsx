import { isRouteErrorResponse, Link, useRouteError } from "@remix-run/react";

import { ButtonLink } from "./button";
import { useOutage } from "./live/use-outage";
import { Logo } from "./logo";

const titles: Record<number, string> = {
  400: "This request could not be understood",
  403: "You may not do this",
  404: "There is nothing here",
  405: "This cannot be done here",
  413: "Too large",
  415: "This cannot be read",
  429: "Too many attempts",
  503: "This took too long",
};

/** The error as text for a person. Says nothing about an unexpected error, which is in the server's log. */
function useErrorText(): { status: number | null; title: string; text: string } {
  const error = useRouteError();
  const isAway = useOutage(error, isRouteErrorResponse(error));
  if (isAway) {
    return {
      status: null,
      title: "The server does not answer",
      text: "This page is loaded as soon as it is back. Whether what you have just sent was done, it will show.",
    };
  }
  if (!isRouteErrorResponse(error)) {
    return {
      status: 500,
      title: "Something went wrong",
      text: "The fault is ours, and the server's log says what it was. Nothing was half-saved; please try again.",
    };
  }
  const data: unknown = error.data;
  return {
    status: error.status,
    title: titles[error.status] ?? "Something went wrong",
    text:
      typeof data === "string" && data !== "" && data.length < 400 ? data : "Please go back and try again.",
  };
}

export function ErrorMessage() {
  const { status, title, text } = useErrorText();
  return (
    <div className="mx-auto max-w-md py-16 text-center">
      {status !== null && <p className="text-xs font-medium text-ink-faint tabular-nums">{status}</p>}
      <h1 className="mt-1 text-xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-2 text-ink-muted">{text}</p>
      <ButtonLink to="/" className="mt-6">
        Go to the overview
      </ButtonLink>
    </div>
  );
}

/** The error page without the frame of the app. */
export const ErrorPage = () => (
  <main className="px-4 py-8">
    <Link to="/" className="rounded-md">
      <Logo />
    </Link>
    <ErrorMessage />
  </main>
);
