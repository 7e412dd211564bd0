import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
} from "@modelcontextprotocol/sdk/types.js";

import { endWith } from "@db/page-statements";
import type { App } from "~/platform/app.server";
import { logContext } from "~/platform/log-context";

import { takeFields } from "./base/fields";
import type { ApiContext, Operation } from "./base/operation";
import { ApiProblem, problemOf } from "./base/problem";
import { jsonOf, readJsonBytes } from "./body.server";
import { answerOrProblem, asProblem, contextOf, enter, refusalOf } from "./caller.server";
import { toolInput, toolOperations, toTool } from "./mcp-tools";
import { parseInput, runOperation } from "./run-operation";

const instructions = `
Plumbline keeps the clients and assets of a managed service provider true to its RMM. Lists are read page by page: pass
\`next\` as \`cursor\` until it is null, and name the fields you need in \`fields\`. A list of clients, assets or
connections gives the ids that the other tools take.
`.trim();

/** The most characters of a call's arguments that the audit log keeps. */
const MAX_KEPT_ARGUMENTS = 1_000;

/**
 * Answers a request of the Model Context Protocol over streamable HTTP. Each request is complete in itself, without
 * sessions and streams. Token, scopes and limit are those of the API.
 * @param ip the caller's address; null if the server does not know it
 */
export async function answerMcp(app: App, request: Request, ip: string | null): Promise<Response> {
  const response = await answerOrProblem(app, (headers) => answer(app, request, ip, headers));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

async function answer(
  app: App,
  request: Request,
  ip: string | null,
  headers: Record<string, string>,
): Promise<Response> {
  const live = await enter(app, request, ip, headers);
  if (!live.tenant.mcpEnabled) {
    throw new ApiProblem(
      "forbidden",
      "MCP is switched off. An administrator can switch it on under Settings, API tokens.",
    );
  }
  if (request.method !== "POST") {
    // There is no stream to read and no session to end.
    throw new ApiProblem("method_not_allowed", "This address takes POST.", { headers: { Allow: "POST" } });
  }
  const parsedBody = jsonOf(await readJsonBytes(request));
  // Several calls in one request would count as one for the rate limit.
  if (Array.isArray(parsedBody)) throw new ApiProblem("invalid_request", "Send one message at a time.");
  const caller = contextOf(app, { url: new URL(request.url), ip, live });
  const server = createServer(caller, request.signal);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody });
  } finally {
    await server.close();
  }
}

function createServer(caller: ApiContext, signal: AbortSignal): Server {
  const server = new Server(
    { name: "plumbline", version: "1" },
    { capabilities: { tools: {} }, instructions },
  );
  const usable = toolOperations.filter((operation) => refusalOf(operation, caller) === undefined);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: usable.map(toTool) }));
  server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args = {} } }) => {
    const operation = toolOperations.find(({ id }) => id === name);
    if (operation === undefined) throw new McpError(ErrorCode.InvalidParams, `There is no tool “${name}”.`);
    return callTool(operation, args, caller, signal);
  });
  return server;
}

/**
 * Runs a tool's operation and audits the call, refused or not. Returns a refusal as an answer, so that the assistant
 * can react to it.
 */
async function callTool(
  operation: Operation,
  args: Record<string, unknown>,
  caller: ApiContext,
  signal: AbortSignal,
): Promise<CallToolResult> {
  let problem: ApiProblem | undefined;
  let text: string;
  try {
    text = JSON.stringify(await bodyOf(operation, args, caller, signal));
  } catch (error) {
    problem = asProblem(caller.app, error);
    text = JSON.stringify(problemOf(problem, logContext()["requestId"]));
  }
  const kept = JSON.stringify(args).slice(0, MAX_KEPT_ARGUMENTS);
  await caller.inTenant((tx) =>
    caller.audit(tx, {
      action: "mcp.tool_called",
      details: { tool: operation.id, arguments: kept, ...(problem && { refusal: problem.code }) },
    }),
  );
  return { content: [{ type: "text", text }], ...(problem && { isError: true }) };
}

async function bodyOf(
  operation: Operation,
  args: Record<string, unknown>,
  caller: ApiContext,
  signal: AbortSignal,
): Promise<unknown> {
  const refusal = refusalOf(operation, caller);
  if (refusal !== undefined) throw refusal;
  const isRead = operation.method === "GET";
  const { params, query, body } = toolInput(operation, args);
  const fields = isRead ? takeFields(operation.success.schema, query) : undefined;
  const input = parseInput(operation, { params, query, body: () => body });
  const run = () => runOperation(operation, caller, input, fields);
  return (isRead ? await endWith(signal, run, caller.user.id) : await run()).body;
}
