import type { AssetFinding } from "@domain/asset-findings";
import type { DiskSnapshot } from "@domain/snapshots";
import type { SystemInfo } from "@domain/system-info";
import { findingLabels } from "~/ui/labels";

export interface FindingText {
  title: string;
  /** What to do about the finding. */
  advice: string;
}

export interface FoundOn {
  type: "workstation" | "server";
  /** "Windows", "Mac", "Linux" or another word. */
  platform: string | null;
  info: SystemInfo;
  disks: readonly DiskSnapshot[];
}

/** The percentage of a volume above which the database calls it nearly full; see the function `asset_findings`. */
const NEARLY_FULL_PERCENT = 90;

/** A finding as a sentence about this machine, with what to do. */
export function findingText(finding: AssetFinding, { type, platform, info, disks }: FoundOn): FindingText {
  const on = `on a ${type}`;
  switch (finding) {
    case "endOfLife":
      return {
        title: `${info.osName ?? platform ?? "The operating system"} is past its end of life`,
        advice: "It gets no more security updates. Plan an upgrade or a replacement.",
      };
    case "antivirus":
      return {
        title: `Antivirus not up to date ${on}`,
        advice: `Level reports ${[info.antivirusProvider, info.antivirusStatus].filter(Boolean).join(": ")}. Make sure that it runs and gets its definitions.`,
      };
    case "firewallOff":
      return {
        title: `Firewall off ${on}`,
        advice:
          type === "server"
            ? "Turn it on, and open only the ports that the server's services need."
            : "Turn it on. Workstations need no open ports.",
      };
    case "notEncrypted":
      return {
        title: `System drive not encrypted ${on}`,
        advice: `Turn on ${encryption(platform)} and keep the recovery key: whoever takes the machine can read its data.`,
      };
    case "diskFull":
      return {
        title: disks
          .filter(({ utilizationPercent }) => utilizationPercent >= NEARLY_FULL_PERCENT)
          .map(({ name, utilizationPercent }) => `${name} is ${Math.floor(utilizationPercent)} % full`)
          .join(", "),
        advice: "Free some space or enlarge the volume: updates and backups fail on a full disk.",
      };
    case "highRisk":
      return {
        title: `Level rates the security risk ${(info.securityRisk ?? "high").toLowerCase()}`,
        advice: "Resolve the other findings and install the pending updates first.",
      };
    case "maintenance":
      return {
        title: findingLabels.maintenance,
        advice: "End maintenance mode in Level when the work is done.",
      };
  }
}

function encryption(platform: string | null): string {
  switch (platform?.toLowerCase()) {
    case "windows":
      return "BitLocker";
    case "mac":
    case "macos":
      return "FileVault";
    default:
      return "disk encryption";
  }
}
