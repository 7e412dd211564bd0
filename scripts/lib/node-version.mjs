// Plain JavaScript without dependencies: it runs before anything is installed, on whatever Node is there.

/** The first release of Node 20 with module.register(), by which TypeScript is loaded. */
const MINIMUM = [20, 6];

/** Ends the process with one clear line when this Node is too old for the project. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  console.error(
    `Plumbline needs Node ${MINIMUM.join(".")} or newer; this is ${process.version}. See https://nodejs.org`,
  );
  process.exit(1);
}
