// Plain JavaScript without dependencies: runs before anything is installed, on any version of Node.

/** The first release of Node 20 with module.register(), which the TypeScript loader needs. */
const MINIMUM = [20, 6];

/** Ends the process with one line if Node is too old for the project. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  console.error(
    `Plumbline needs Node ${MINIMUM.join(".")} or newer; this is ${process.version}. See https://nodejs.org`,
  );
  process.exit(1);
}
