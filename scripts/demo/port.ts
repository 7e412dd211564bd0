import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Checks that the port is free, before the demo spends minutes on data to serve there.
 * @throws EADDRINUSE, EACCES
 */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer().listen(port);
  await once(probe, "listening");
  probe.close();
  await once(probe, "close");
}
