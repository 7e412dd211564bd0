/**
 * The most precise version that an operating system reports: the version number with the most parts, found
 * in the minor version (it may be a whole build number), in major.minor, or in the full name; on a tie the
 * earlier of these. Without any dotted number the full name says more ("Windows 11 Pro 23H2") than a lone
 * major version.
 */
export function osVersion(os: {
  fullName: string | null;
  major: string | null;
  minor: string | null;
}): string | null {
  const candidates = [joinedVersion(os.major, os.minor), dottedNumber.exec(os.fullName ?? "")?.[0] ?? null];
  const best = candidates.reduce((a, b) => (parts(b) > parts(a) ? b : a));
  if (parts(best) > 1) return best;
  return os.fullName ?? ([os.major, os.minor].filter((part) => part !== null).join(" ") || null);
}

/** "10.0.22631.4317" has four parts, "20.04.6" three. */
const dottedNumber = /(?<!\d)\d+(?:\.\d+)+/;
const plainNumber = /^\d+(?:\.\d+)*$/;

const parts = (version: string | null): number => version?.split(".").length ?? 0;

/** Windows 11 calls its minor version "10.0.22631.4317": three parts or more stand alone, fewer follow the major. */
function joinedVersion(major: string | null, minor: string | null): string | null {
  if (minor === null || !plainNumber.test(minor)) return null;
  const standsAlone = major === null || parts(minor) > 2 || minor.startsWith(`${major}.`);
  return standsAlone ? minor : plainNumber.test(major) ? `${major}.${minor}` : null;
}
