import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface SimulatorProcess {
  url: string;
  apiKey: string;
  pid: number;
  /**
   * Calls one of the simulator's controls.
   * @throws if the simulator refuses
   */
  control(name: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the Level simulator in a process of its own and waits until it answers. `args` are the simulator's; without
 * `--port` it takes any free port.
 */
export async function startSimulatorProcess(args: string[]): Promise<SimulatorProcess> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "tests/level-simulator/main.ts", "--port", "0", ...args],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  // Stops the simulator also if this process ends without stop(): after a crash or Ctrl-C.
  const kill = () => void child.kill();
  process.once("exit", kill);
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, "line").then(([text]) => String(text)),
    once(child, "exit").then(() => ""),
  ]);
  const found = /url=(\S+) key=(\S+)/.exec(line);
  if (found === null) throw new Error("The Level simulator did not start.");
  return {
    url: found[1]!,
    apiKey: found[2]!,
    pid: child.pid!,
    control: async (name, body) => {
      const answer = await fetch(`${found[1]!}/_control/${name}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`The simulator refuses ${name}: ${await answer.text()}`);
    },
    stop: async () => {
      process.off("exit", kill);
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}
