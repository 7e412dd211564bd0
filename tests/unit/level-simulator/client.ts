import type { Simulator } from "../../level-simulator";

export interface Listed<T = { id: string } & Record<string, unknown>> {
  data: T[];
  has_more: boolean;
}

export const ALL_BLOCKS = [
  "operating_system",
  "cpus",
  "memory",
  "disks",
  "network_interfaces",
  "motherboard",
  "security",
]
  .map((block) => `include_${block}=true`)
  .join("&");

/** One request with the simulator's own key, or with the headers given. */
export function get(
  simulator: Simulator,
  path: string,
  headers: Record<string, string> = { authorization: simulator.apiKey },
): Promise<Response> {
  return fetch(`${simulator.url}${path}`, { headers });
}

export async function list<T = Listed["data"][number]>(
  simulator: Simulator,
  path: string,
): Promise<Listed<T>> {
  const response = await get(simulator, path);
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as Listed<T>;
}

/** All ids of a list, page by page; stops with an error rather than walk for ever. */
export async function walk(simulator: Simulator, resource: string, query = "limit=100"): Promise<string[]> {
  const ids: string[] = [];
  let cursor = "";
  for (let page = 0; page < 200; page += 1) {
    const { data, has_more } = await list(simulator, `/v2/${resource}?${query}${cursor}`);
    ids.push(...data.map((record) => record.id));
    if (!has_more) return ids;
    cursor = `&starting_after=${encodeURIComponent(ids.at(-1) ?? "")}`;
  }
  throw new Error(`${resource} does not end`);
}
