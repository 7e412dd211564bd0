import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Nothing of the environment of whoever runs the tests says how the app runs. */
const OF_APP = /^(INNGEST_|ADMIN_|APP_SECRET|DATABASE_URL|EDITION|FEATURE_FLAGS|\w+_SYNC_TRANSPORT)/;

/** The environment of a built app that listens on the port, for a process of its own. */
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
