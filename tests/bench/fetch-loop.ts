/**
 * The baseline of (a): a loop that fetches and parses the pages of a full sync one after another, and stores nothing.
 */
export async function fetchAllPages(api: {
  url: string;
  apiKey: string;
}): Promise<{ ms: number; pages: number }> {
  const include = [
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
  const begunAt = performance.now();
  let pages = 0;
  for (const list of ["groups?", `devices?${include}&`, "updates?status=available&"]) {
    for (let cursor: string | null = ""; cursor !== null; pages++) {
      const after = cursor === "" ? "" : `&starting_after=${encodeURIComponent(cursor)}`;
      const response = await fetch(`${api.url}/v2/${list}limit=100${after}`, {
        headers: { Authorization: api.apiKey },
      });
      const page = JSON.parse(await response.text()) as { data: { id: string }[]; has_more: boolean };
      cursor = page.has_more ? page.data.at(-1)!.id : null;
    }
  }
  return { ms: performance.now() - begunAt, pages };
}
