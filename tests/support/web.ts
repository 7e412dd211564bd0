import path from "node:path";
import { pathToFileURL } from "node:url";

import { createRequestHandler, type ServerBuild } from "@remix-run/node";
import { readConfig } from "@remix-run/dev/dist/config.js";

import type { DatabaseConnection } from "@db/client";
import { setApp, type App } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { hashPassword } from "~/auth/password.server";
import type { Role } from "@domain/permissions";
import { csrfTokenOf } from "~/auth/tokens.server";
import { loadConfig } from "~/platform/env.server";
import { sessionCookie, startSession } from "~/auth/session.server";

import { createTestDatabase, type TestDatabase } from "./database";
import { createTenant, createUser } from "./factories";

export const TEST_ORIGIN = "http://plumbline.test";

/** Several values of one name are checked checkboxes. */
export type FormFields = Record<string, string | string[] | Blob>;

/** A person with a browser that stores and sends cookies. */
export interface Browser {
  /** CSRF token; empty before sign-in. */
  csrf: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a form as a page of the app would: with origin and CSRF token, unless `headers` say otherwise. */
  post(path: string, fields: FormFields, headers?: Record<string, string | null>): Promise<Response>;
  cookies: Map<string, string>;
}

export interface WebWorld {
  app: App;
  database: TestDatabase;
  build: ServerBuild;
  routes: Record<string, RouteOfBuild>;
  setNow(now: Date | null): void;
  /** A request by a program: no cookies, no form. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A browser without a session. */
  anonymous(): Browser;
  /** A browser with a session of this user. */
  signedIn(user: { id: string; tenantId: string }): Promise<Browser>;
  /** A new tenant and one browser for each role. */
  tenant(): Promise<{
    id: string;
    as: Record<Role, Browser>;
    users: Record<Role, { id: string; email: string }>;
  }>;
  close(): Promise<void>;
}

export interface RouteOfBuild {
  id: string;
  /** The path with `:names` for parameters. */
  address: string;
  isIndex: boolean;
  module: Record<string, unknown>;
}

/** The password of everybody that `tenant()` makes; hashed once, because hashing is slow on purpose. */
export const TEST_PASSWORD = "a long enough password";
let hashed: Promise<string> | undefined;

/**
 * The whole web application on a database of its own, with its real routes.
 * @param given a database that the caller opens and closes
 */
export async function createWebWorld(
  env: Record<string, string> = {},
  given?: DatabaseConnection & { url: string },
): Promise<WebWorld> {
  const database: TestDatabase =
    given === undefined
      ? await createTestDatabase()
      : { ...given, connection: given, close: () => Promise.resolve() };
  const config = loadConfig({
    APP_SECRET: "a-secret-for-tests-of-at-least-32-characters",
    PUBLIC_URL: TEST_ORIGIN,
    LOG_LEVEL: "silent",
    LEVELIO_API_BASE_URL: "http://127.0.0.1:9",
    ...env,
  });
  let now: Date | null = null;
  const app = await createApp(config, { connection: database.connection, clock: () => now ?? new Date() });
  setApp(app);
  const { build, routes } = await buildFromSources();
  const handle = createRequestHandler(build, "production");

  const browser = (cookies = new Map<string, string>(), csrf = ""): Browser => {
    const send = async (target: string, init: RequestInit & { headers: Record<string, string> }) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const host = { Host: new URL(TEST_ORIGIN).host };
      const headers = { ...host, ...init.headers, ...(cookie === "" ? {} : { Cookie: cookie }) };
      const request = new Request(new URL(target, TEST_ORIGIN), { ...init, headers });
      const response = await handle(request, { clientIp: "192.0.2.1" });
      for (const line of response.headers.getSetCookie()) keep(cookies, line);
      const session = cookies.get(sessionCookie(config).name);
      const token: unknown =
        session && (await sessionCookie(config).parse(`${sessionCookie(config).name}=${session}`));
      self.csrf = typeof token === "string" ? csrfTokenOf(token) : "";
      return response;
    };
    const self: Browser = {
      csrf,
      cookies,
      get: (target, headers = {}) => send(target, { headers }),
      post: (target, fields, headers = {}) => {
        const all = { ...(self.csrf === "" ? {} : { csrf: self.csrf }), ...fields };
        const sent = { Origin: TEST_ORIGIN, "Sec-Fetch-Site": "same-origin", ...headers };
        return send(target, { method: "POST", body: formBody(all), headers: withoutNulls(sent) });
      },
    };
    return self;
  };

  const world: WebWorld = {
    app,
    database,
    build,
    routes,
    setNow: (date) => {
      now = date;
    },
    fetch: (target, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("Host", new URL(TEST_ORIGIN).host);
      return handle(new Request(new URL(target, TEST_ORIGIN), { ...init, headers }), {
        clientIp: "192.0.2.1",
      });
    },
    anonymous: () => browser(),
    async signedIn(user) {
      const line = await startSession(app, user, { ip: null, userAgent: "tests" });
      const cookies = new Map<string, string>();
      keep(cookies, line);
      const token = (await sessionCookie(config).parse(line.split(";")[0]!)) as string;
      return browser(cookies, csrfTokenOf(token));
    },
    async tenant() {
      hashed ??= hashPassword(TEST_PASSWORD);
      const passwordHash = await hashed;
      const { id } = await createTenant(database.db);
      const person = async (role: Role) => {
        const user = await createUser(database.db, { tenantId: id, role, passwordHash });
        return { user, browser: await world.signedIn(user) };
      };
      const [admin, technician, viewer] = [
        await person("admin"),
        await person("technician"),
        await person("viewer"),
      ];
      return {
        id,
        as: { admin: admin.browser, technician: technician.browser, viewer: viewer.browser },
        users: { admin: admin.user, technician: technician.user, viewer: viewer.user },
      };
    },
    async close() {
      await app.jobs.stop();
      await database.close();
    },
  };
  return world;
}

function keep(cookies: Map<string, string>, setCookie: string): void {
  const [pair = ""] = setCookie.split(";");
  const [name = "", ...value] = pair.split("=");
  if (/max-age=0/i.test(setCookie)) cookies.delete(name);
  else cookies.set(name, value.join("="));
}

/** Encodes as a browser does: urlencoded, or multipart if there is a file. */
function formBody(fields: FormFields): FormData | URLSearchParams {
  const values = Object.entries(fields).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((each): [string, string] => [name, each]) : [[name, value] as const],
  );
  if (values.every((entry): entry is [string, string] => typeof entry[1] === "string")) {
    return new URLSearchParams(values);
  }
  const form = new FormData();
  for (const [name, value] of values) form.append(name, value);
  return form;
}

const withoutNulls = (headers: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null));

let built: Promise<{ build: ServerBuild; routes: Record<string, RouteOfBuild> }> | undefined;

/** Compiles the sources as Remix does for the server; the browser's assets are named but missing. */
function buildFromSources() {
  built ??= (async () => {
    const config = await readConfig(process.cwd(), "production" as never);
    const load = (file: string) =>
      import(pathToFileURL(path.join(config.appDirectory, file)).href) as Promise<Record<string, unknown>>;
    const serverRoutes: ServerBuild["routes"] = {};
    const clientRoutes: ServerBuild["assets"]["routes"] = {};
    const routes: Record<string, RouteOfBuild> = {};
    for (const route of Object.values(config.routes)) {
      const module = await load(route.file);
      const { id, parentId, path: segment, index } = route;
      const place = {
        id,
        ...(parentId === undefined ? {} : { parentId }),
        ...(segment === undefined ? {} : { path: segment }),
        ...(index === undefined ? {} : { index }),
      };
      serverRoutes[id] = { ...place, module } as unknown as ServerBuild["routes"][string];
      clientRoutes[id] = {
        ...place,
        module: `/build/${id}.js`,
        hasLoader: "loader" in module,
        hasAction: "action" in module,
        hasErrorBoundary: "ErrorBoundary" in module,
      } as unknown as ServerBuild["assets"]["routes"][string];
      routes[id] = { id, module, address: addressOf(config.routes, id), isIndex: index === true };
    }
    const entry = (await load("entry.server.tsx")) as unknown as ServerBuild["entry"]["module"];
    const build: ServerBuild = {
      mode: "production",
      entry: { module: entry },
      routes: serverRoutes,
      assets: {
        entry: { module: "/build/entry.js", imports: [] },
        routes: clientRoutes,
        url: "/build/m.js",
        version: "1",
      },
      publicPath: "/build/",
      assetsBuildDirectory: "public/build",
      future: config.future,
      isSpaMode: false,
    };
    return { build, routes };
  })();
  return built;
}

type Places = Record<string, { parentId?: string | undefined; path?: string | undefined }>;

function addressOf(places: Places, id: string): string {
  const segments: string[] = [];
  for (
    let place = places[id];
    place !== undefined;
    place = place.parentId ? places[place.parentId] : undefined
  ) {
    if (place.path) segments.unshift(place.path);
  }
  return `/${segments.join("/").replace(/^\/+/, "")}`;
}
