import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";

import { getApp } from "~/platform/app.server";

/** The endpoint for an Inngest server, which lists our functions here and calls their steps. */
async function handle(args: LoaderFunctionArgs | ActionFunctionArgs): Promise<Response> {
  const { config, jobs } = await getApp();
  // The embedded runner calls the functions in this process, so nobody outside needs the endpoint.
  if (config.inngest.mode === "embedded") return new Response("Not found", { status: 404 });
  return jobs.handler(args);
}

export { handle as loader, handle as action };
