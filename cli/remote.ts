import { readFileSync } from "node:fs";

import type { Command } from "commander";

import { CliError, type GlobalOptions } from "./context";

/** A response of the API other than success. */
export interface Refusal {
  status: number;
  code: string;
  detail: string;
  errors: { field: string; message: string }[];
}

/** A refusal that a command does not handle itself. */
export class RefusedError extends CliError {
  constructor(readonly refusal: Refusal) {
    super(refusal.detail, hints[refusal.code]);
  }
}

const hints: Record<string, string> = {
  unauthenticated: "Make a token under Settings, API tokens, and give it in the variable PLUMBLINE_TOKEN.",
};

const remoteCommands = new WeakSet<Command>();

/** Marks a command as able to ask a server instead of this machine's installation. */
export function remote(command: Command): Command {
  remoteCommands.add(command);
  return command;
}

/** Whether a command can ask a server; see `remote`. */
export const isRemote = (command: Command): boolean => remoteCommands.has(command);

/** A server, reached through its API with a token. */
export class Remote {
  readonly #base: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#base = `${url.endsWith("/") ? url.slice(0, -1) : url}/api/v1`;
    this.#token = token;
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>("GET", path);
  }

  /** All rows of a list, or the first `limit`. */
  async list<T>(path: string, limit = Infinity): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ limit: String(Math.min(200, limit - rows.length)) });
      if (cursor !== null) query.set("cursor", cursor);
      const page: { data: T[]; next: string | null } = await this.get(`${path}?${query}`);
      rows.push(...page.data);
      cursor = page.next;
    } while (cursor !== null && rows.length < limit);
    return rows;
  }

  /** @throws RefusedError if the server refuses; CliError if it does not answer or is not Plumbline */
  async send<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      throw new CliError(`${this.#base} does not answer: ${reason}`, "Check --url.");
    });
    const type = response.headers.get("Content-Type") ?? "";
    if (!/\bapplication\/(problem\+)?json\b/.test(type))
      throw new CliError(`${this.#base} is no API of Plumbline (${response.status}).`, "Check --url.");
    const answer: unknown = await response.json();
    if (response.ok) return answer as T;
    throw new RefusedError({ errors: [], ...(answer as Omit<Refusal, "errors">) });
  }
}

/**
 * The server named by the options or the environment; undefined if none is named.
 * @throws CliError without a token for it
 */
export function remoteOf({ url, token, tokenFile }: GlobalOptions): Remote | undefined {
  if (url === undefined) return undefined;
  if (!/^https?:\/\/[^/]/i.test(url))
    throw new CliError(`"${url}" is no address.`, "Such as: --url https://plumbline.example.com");
  const found = token ?? (tokenFile === undefined ? process.env["PLUMBLINE_TOKEN"] : readToken(tokenFile));
  if (found === undefined || found.trim() === "")
    throw new CliError(
      "There is no token.",
      "Give it in the variable PLUMBLINE_TOKEN, or name a file: --token-file",
    );
  return new Remote(url, found.trim());
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`The token cannot be read: ${(error as Error).message}`);
  }
}

/** The connection with this name or id, or the only one. */
export async function remoteConnection(server: Remote, label: string | undefined): Promise<RemoteConnection> {
  const all = await server.get<{ data: RemoteConnection[] }>("/connections");
  const live = all.data.filter(({ status }) => status !== "disconnected");
  const found = label === undefined ? live : live.filter(({ id, name }) => name === label || id === label);
  const [first, ...others] = found;
  if (first === undefined) {
    const known = live.map(({ name }) => name).join(", ") || "none";
    throw new CliError(
      label === undefined ? "Nothing is connected yet." : `There is no connection "${label}".`,
      `Known: ${known}`,
    );
  }
  if (others.length > 0)
    throw new CliError(
      "There is more than one connection.",
      `Say which: --connection "${found.map(({ name }) => name).join('" | "')}"`,
    );
  return first;
}

interface RemoteConnection {
  id: string;
  name: string;
  status: string;
}
