import { withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { runDirect } from "~/features/sync-execution/run-direct";

import { startSimulator, type Simulator, type SimulatorOptions } from "../level-simulator";
import { createWebWorld, type Browser, type WebWorld } from "./web";

const ROUTES = "routes/_app.settings.integrations.levelio";

/** The pages of a Level connection, by the end of their address. */
const pageRoutes = {
  "": `${ROUTES}.$connectionId._index`,
  "/mapping": `${ROUTES}.$connectionId.mapping`,
  "/devices": `${ROUTES}.$connectionId.devices`,
  "/webhook": `${ROUTES}.$connectionId.webhook`,
} as const;
type Page = keyof typeof pageRoutes;

/** The web application with a Level account: performs a person's actions on the pages, without a browser. */
export interface LevelWorld {
  web: WebWorld;
  simulator: Simulator;
  tenant: Awaited<ReturnType<WebWorld["tenant"]>>;
  /** Connects through the form. Returns the connection's id. */
  connect(browser: Browser, fields?: Record<string, string>): Promise<string>;
  /** The data of a page's loader. */
  load<T>(browser: Browser, connectionId: string, page?: Page, query?: string): Promise<T>;
  /** The data of the layout loader around the pages: the summary. */
  summary<T>(browser: Browser, connectionId: string): Promise<T>;
  /** Sends a form of a page. */
  act(
    browser: Browser,
    connectionId: string,
    page: Page,
    fields: Record<string, string>,
  ): Promise<{ status: number; location: string | null; body: unknown }>;
  /** Requests a sync by its button and executes it in this process. */
  sync(browser: Browser, connectionId: string, type: "organizations" | "full" | "alerts"): Promise<RunRow>;
  close(): Promise<void>;
}

export async function createLevelWorld(options: SimulatorOptions = {}): Promise<LevelWorld> {
  const simulator = await startSimulator({ devices: 60, seed: 5, ...options });
  const web = await createWebWorld({ LEVELIO_API_BASE_URL: simulator.url });
  const tenant = await web.tenant();
  const base = "/settings/integrations/levelio";
  const data = (address: string, route: string, query = "") =>
    `${address}?_data=${encodeURIComponent(route)}${route.endsWith("_index") ? "&index" : ""}${query}`;
  const answerOf = async (response: Response) => ({
    status: response.status,
    location: response.headers.get("X-Remix-Redirect") ?? response.headers.get("Location"),
    body: response.headers.get("Content-Type")?.includes("json")
      ? ((await response.json()) as unknown)
      : null,
  });
  const world: LevelWorld = {
    web,
    simulator,
    tenant,
    async connect(browser, fields = {}) {
      const form = { intent: "connect", label: "Level", apiKey: simulator.apiKey, ...fields };
      const answer = await answerOf(await browser.post(data(base, `${ROUTES}._index`), form));
      const id = /levelio\/([0-9a-f-]{36})$/.exec(answer.location ?? "")?.[1];
      if (id === undefined) throw new Error(`not connected: ${JSON.stringify(answer)}`);
      return id;
    },
    async load<T>(browser: Browser, connectionId: string, page: Page = "", query = "") {
      const response = await browser.get(data(`${base}/${connectionId}${page}`, pageRoutes[page], query));
      if (response.status !== 200) throw new Error(`${page} answered ${response.status}`);
      return (await response.json()) as T;
    },
    async summary<T>(browser: Browser, connectionId: string) {
      const response = await browser.get(data(`${base}/${connectionId}`, `${ROUTES}.$connectionId`));
      return ((await response.json()) as { connection: T }).connection;
    },
    async act(browser, connectionId, page, fields) {
      return answerOf(await browser.post(data(`${base}/${connectionId}${page}`, pageRoutes[page]), fields));
    },
    async sync(browser, connectionId, type) {
      const answer = await world.act(browser, connectionId, "", { intent: "sync", type });
      if (answer.location === null) throw new Error(`not started: ${JSON.stringify(answer)}`);
      const { runs } = await world.load<{ runs: { id: string; type: string; status: string }[] }>(
        browser,
        connectionId,
      );
      const run = runs.find((candidate) => candidate.type === type && candidate.status === "queued");
      if (run === undefined) throw new Error(`no queued ${type} run`);
      await runDirect(web.app.sync, { tenantId: tenant.id, runId: run.id });
      return (await withTenant(web.database.db, tenant.id, (tx) => getRun(tx, tenant.id, run.id)))!;
    },
    async close() {
      await web.close();
      await simulator.close();
    },
  };
  return world;
}
