// The web server around the Remix build: static files, compression, health check and graceful shutdown.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { createRequestHandler } from "@remix-run/express";
import compression from "compression";
import express from "express";

import { addBaseHeaders } from "./base-headers.mjs";
import { answerForeignForms } from "./foreign-form.mjs";
import { discardUnreadBody } from "./unread-body.mjs";

/** Milliseconds that running requests get to finish after the server is asked to stop. */
const FINISH_MS = 3_000;

/**
 * Milliseconds; longer than the usual 60 s of a reverse proxy, which must not reuse a connection that the server is
 * closing.
 */
const KEEP_ALIVE_MS = 65_000;

/**
 * Boots the app and serves a Remix build.
 * @param {any} build The module build/index.js
 * @param {object} [options]
 * @param {number} [options.port] Overrides the configured port
 * @param {() => Promise<any>} [options.boot] Replaces the build's own; the app it returns is closed with the server
 * @param {() => any} [options.current] Returns the build to serve a request with, if it changes (development)
 * @returns {Promise<{ url: string, port: number, app: any, close(): Promise<void> }>}
 * @throws what the boot throws, and EADDRINUSE or EACCES for the port; the app is closed first
 */
export async function listen(build, { port, boot = build.entry.module.boot, current = () => build } = {}) {
  const app = await boot();
  try {
    const server = createServer(createWebApp(build, app, current));
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.headersTimeout = KEEP_ALIVE_MS + 1_000;
    server.listen(port ?? app.config.port);
    await once(server, "listening");
    const { port: actualPort } = server.address();
    return {
      url: `http://localhost:${actualPort}`,
      port: actualPort,
      app,
      close: async () => {
        app.windDown();
        await closeServer(server);
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function createWebApp(build, app, current) {
  const web = express();
  web.disable("x-powered-by");
  // Only these proxies may name the client's address: a made-up address would get around every throttle.
  web.set("trust proxy", app.config.trustedProxies);

  web.use((request, response, next) => {
    const requestId = requestIdOf(request);
    response.set("X-Request-Id", requestId);
    app.withLogContext({ requestId }, next);
  });
  web.use(addBaseHeaders(app.baseHeaders));
  web.get("/healthz", (_request, response) => {
    response.set("Cache-Control", "no-store").type("text").send("ok\n");
  });
  web.use(discardUnreadBody);
  web.use("/api/webhooks", postAlone);
  web.use(refuseTrace);
  web.use(compression({ filter: isCompressible }));
  web.use(build.publicPath, express.static(build.assetsBuildDirectory, { immutable: true, maxAge: "1y" }));
  web.use(
    build.publicPath,
    (_request, response) => void response.status(404).type("text").send("Not found\n"),
  );
  web.use(express.static("public", { maxAge: "1h", index: false }));
  web.use(answerForeignForms(app));

  const handlers = new WeakMap();
  web.all("*", (request, response, next) => {
    const latest = current();
    if (!handlers.has(latest)) {
      // A socket for both families writes an IPv4 address as ::ffff:203.0.113.9.
      const getLoadContext = ({ ip }) => ({ clientIp: ip?.replace(/^::ffff:(?=\d+\.)/i, "") });
      handlers.set(
        latest,
        createRequestHandler({ build: latest, mode: process.env.NODE_ENV, getLoadContext }),
      );
    }
    return handlers.get(latest)(request, response, next);
  });

  web.use((error, request, response, _next) => {
    // An invalid Host header is the client's fault and not worth a line in the log.
    const isClientFault = error.code === "ERR_INVALID_URL" || (error.status >= 400 && error.status < 500);
    if (!isClientFault)
      app.log.error({ err: error, path: request.path }, "The web server could not answer a request");
    if (response.headersSent) return response.destroy();
    response
      .status(isClientFault ? 400 : 500)
      .type("text")
      .send(isClientFault ? "Bad request\n" : "Something went wrong. The server's log says what.\n");
  });
  return web;
}

/** The id of a request in the log: the proxy's X-Request-Id if it is 8 to 64 word characters, otherwise a new one. */
function requestIdOf(request) {
  const given = request.get("X-Request-Id") ?? "";
  return /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
}

/**
 * Refuses TRACE and TRACK with 405: a Fetch Request cannot have these methods, and Remix would throw.
 * @type {import("express").RequestHandler}
 */
function refuseTrace(request, response, next) {
  if (request.method !== "TRACE" && request.method !== "TRACK") return next();
  response.status(405).set("Cache-Control", "no-store").type("text").send("Method not allowed\n");
}

/**
 * Refuses every method but POST with 405 and `Allow`. Remix routes some methods (TRACE, PROPFIND, PURGE) to no handler
 * at all.
 * @type {import("express").RequestHandler}
 */
function postAlone({ method }, response, next) {
  if (method === "POST") return next();
  response
    .status(405)
    .set({ Allow: "POST", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" })
    .json({ error: "This address takes POST alone." });
}

/** Events must leave at once, not when the compressor's buffer is full. */
function isCompressible(request, response) {
  const type = String(response.getHeader("Content-Type") ?? "");
  return !type.startsWith("text/event-stream") && compression.filter(request, response);
}

async function closeServer(server) {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  // Event streams never finish on their own.
  const impatience = setTimeout(() => server.closeAllConnections(), FINISH_MS);
  await closed;
  clearTimeout(impatience);
}
