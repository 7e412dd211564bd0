import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";

import type { EntryContext } from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { renderToPipeableStream } from "react-dom/server";

import { answerApi } from "~/features/api/answer.server";
import { getApp } from "~/platform/app.server";
import { contentSecurityPolicy } from "~/platform/http/security-headers.server";
import { NonceProvider } from "~/ui/nonce";

export { boot } from "./main.server";

/** Milliseconds after which a page that is still incomplete is cut off. */
const RENDER_TIMEOUT_MS = 10_000;

export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
  { clientIp }: { clientIp?: unknown } = {},
): Promise<Response> {
  // The router matches no address with a line break, but any request below /api/v1/ gets an answer of the API.
  if (new URL(request.url).pathname.startsWith("/api/v1/"))
    return answerApi(await getApp(), request, typeof clientIp === "string" ? clientIp : null);
  const nonce = randomBytes(16).toString("base64");
  const { log } = await getApp();
  const development = process.env.NODE_ENV === "development";
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("Content-Security-Policy", contentSecurityPolicy({ nonce, development }));
  return new Promise((resolve, reject) => {
    let responseStatus = status;
    let hasShell = false;
    const { pipe, abort } = renderToPipeableStream(
      <NonceProvider value={nonce}>
        <RemixServer context={context} url={request.url} abortDelay={RENDER_TIMEOUT_MS} nonce={nonce} />
      </NonceProvider>,
      {
        nonce,
        onShellReady() {
          hasShell = true;
        },
        onShellError(error) {
          clearTimeout(timer);
          reject(error);
        },
        // The whole page at once: a long list comes in 150 chunks, and the server would compress and send each of them
        // on its own.
        onAllReady() {
          clearTimeout(timer);
          buffer(pipe(new PassThrough())).then(
            (html) => resolve(new Response(html, { headers, status: responseStatus })),
            reject,
          );
        },
        onError(error) {
          responseStatus = 500;
          // An error before the shell rejects the promise through `onShellError`, and the caller logs it.
          if (hasShell) log.error({ err: error }, "A part of a page could not be rendered");
        },
      },
    );
    const timer = setTimeout(abort, RENDER_TIMEOUT_MS + 1000).unref();
  });
}

export async function handleError(error: unknown, { request }: { request: Request }): Promise<void> {
  // The reader left, or a loader threw a response (404, 403): neither is an error.
  if (request.signal.aborted || isRouteErrorResponse(error)) return;
  const { log } = await getApp();
  const { pathname: path } = new URL(request.url);
  log.error({ err: error, method: request.method, path }, "A request failed");
}
