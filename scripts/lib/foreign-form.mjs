import { randomBytes } from "node:crypto";

/**
 * Answers a form posted from another origin with a page that explains it and what to do; Remix answers with an empty
 * 500. If the origin is PUBLIC_URL, a reverse proxy has replaced the host: corrects the request's host and lets it
 * pass. This is no protection: the app's own check guards every action.
 * @param {{ config: { publicUrl: string }, log: { warn(fields: object, text: string): void } }} app
 * @returns {import("express").RequestHandler}
 */
export function answerForeignForms({ config, log }) {
  const publicHost = hostOf(config.publicUrl);
  return (request, response, next) => {
    const origin = request.get("Origin");
    const isForm = request.method !== "GET" && request.method !== "HEAD" && !request.path.startsWith("/api/");
    // Requests by the app's scripts go on to the app's own check, which answers them.
    if (!isForm || origin === undefined || request.query["_data"] !== undefined) return next();
    const sender = hostOf(origin);
    const forwarded = request.get("X-Forwarded-Host")?.split(",")[0]?.trim();
    if (sender !== null && sender === (forwarded || request.get("Host"))) return next();
    if (sender !== null && sender === publicHost) {
      request.headers.host = publicHost;
      delete request.headers["x-forwarded-host"];
      return next();
    }
    log.warn({ path: request.path, origin }, "A form from another site was refused");
    const nonce = randomBytes(16).toString("base64");
    response
      .status(403)
      .set({
        "Content-Security-Policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
      })
      .type("html")
      .send(pageOf(sender ?? "another site", config.publicUrl, nonce));
  };
}

function hostOf(url) {
  return URL.canParse(url) ? new URL(url).host : null;
}

const pageOf = (sender, publicUrl, nonce) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>This form came from another site · Plumbline</title>
<style nonce="${nonce}">
  body { font: 0.875rem/1.5 ui-sans-serif, system-ui, sans-serif; max-width: 30rem; margin: 4rem auto; padding: 0 1rem }
  h1 { font-size: 1.25rem }
</style>
<h1>This form came from another site</h1>
<p>It was sent from ${escapeHtml(sender)}, and Plumbline takes forms from ${escapeHtml(publicUrl)} alone.
Nothing was done.</p>
<p>If ${escapeHtml(sender)} is where you opened Plumbline, whoever runs the server sets <code>PUBLIC_URL</code> to
that address, or has the reverse proxy pass the <code>Host</code> header on.</p>
<p><a href="/">Go to the overview</a></p>
</html>
`;

const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
