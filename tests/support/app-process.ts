import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Removes the variables of the developer's environment that would configure the app. */
const OF_APP = /^(INNGEST_|ADMIN_|APP_SECRET|DATABASE_URL|EDITION|FEATURE_FLAGS|\w+_SYNC_TRANSPORT)/;

/** The environment for a built app on the port, in a process of its own. */
export function appEnvironment(options: {
  port: number;
  dataDir: string;
  levelUrl?: string;
}): NodeJS.ProcessEnv {
  const { port, dataDir, levelUrl } = options;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_APP.test(name))),
    NODE_ENV: "production",
    LOG_LEVEL: "warn",
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    DATA_DIR: dataDir,
    ...(levelUrl === undefined ? {} : { LEVELIO_API_BASE_URL: levelUrl }),
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
