import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The built server in a process of its own. */
export class BuiltServer {
  readonly url: string;
  #child: ChildProcess | undefined;
  #restarted: Promise<void> = Promise.resolve();

  constructor(
    private readonly port: number,
    private readonly env: Record<string, string>,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  async start(): Promise<void> {
    this.#child = spawn(process.execPath, ["server.mjs"], {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env["PATH"],
        NODE_ENV: "production",
        LOG_LEVEL: "silent",
        PORT: String(this.port),
        ADMIN_EMAIL: "admin@example.com",
        ADMIN_PASSWORD: "correct horse battery",
        ...this.env,
      },
    });
    const child = this.#child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
      const isUp = await fetch(`${this.url}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
      if (isUp) return;
      await sleep(50);
    }
  }

  /** The sender does not wait for this: it sees dropped connections. */
  killAndRestart(): void {
    this.#restarted = this.#restarted.then(async () => {
      const child = this.#child!;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      await this.start();
    });
    this.#restarted.catch(() => {});
  }

  /**
   * Asks the server to end.
   * @returns its exit code: 0 if it ended in order, 1 if it ran out of time
   */
  async stop(): Promise<number | null> {
    await this.#restarted;
    const child = this.#child!;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const [code] = (await gone) as [number | null];
    return code;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
