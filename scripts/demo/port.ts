import { once } from "node:events";
import { createServer } from "node:net";

/** Whether the port can be had, before minutes go into what is to be served on it. @throws EADDRINUSE, EACCES */
export async function checkPort(port: number): Promise<void> {
  const probe = createServer().listen(port);
  await once(probe, "listening");
  probe.close();
  await once(probe, "close");
}
