import { getApp, type App } from "./app.server";
import { ensureFirstRun } from "./auth/first-run.server";

/**
 * Starts the app of this process: database, migrations, first run, runner.
 * @returns the app, and the one-time link to set it up while there is nobody in it
 */
export async function boot(): Promise<App & { setupUrl: string | null }> {
  const app = await getApp();
  const firstRun = await ensureFirstRun(app);
  await app.jobs.start();
  app.jobs.nudge();
  return { ...app, setupUrl: firstRun?.setupUrl ?? null };
}
