import type { BulkAction } from "@domain/bulk-assets";
import { count } from "@domain/format";

export const stateOptions = [
  ["current", "Current"],
  ["online", "Online"],
  ["offline", "Offline"],
  ["patches", "Updates pending"],
  ["gone", "Gone"],
  ["retired", "Retired"],
  ["all", "All states"],
] as const;

export const typeOptions = [
  ["workstation", "Workstations"],
  ["server", "Servers"],
] as const;

export const unseenOptions = [
  ["7", "Not seen for 7 days"],
  ["30", "Not seen for 30 days"],
  ["90", "Not seen for 90 days"],
] as const;

export const specialOptions = [
  ["overridden", "With overridden fields"],
  ["unmanaged", "Known to no RMM"],
  ["exempt", "Needs no agent"],
] as const;

export const updateOptions = [
  ["1", "Updates pending"],
  ["10", "10 or more updates"],
  ["50", "50 or more updates"],
  ["7d", "Updates pending for 7 days"],
  ["30d", "Updates pending for 30 days"],
  ["90d", "Updates pending for 90 days"],
] as const;

export const alertOptions = [
  ["open", "With an open alert"],
  ["major", "Major or critical alert"],
  ["critical", "Critical alert"],
] as const;

export const diskOptions = [
  ["80", "A disk over 80 % full"],
  ["90", "A disk over 90 % full"],
  ["95", "A disk over 95 % full"],
] as const;

interface BulkLabels {
  option: string;
  title: (assets: string, client: string) => string;
  text: string;
  confirm: string;
  /** The intent of the form that carries the action out, because each intent has a permission of its own. */
  intent: "bulk" | "bulk-refresh";
  /** The action cannot be undone. */
  isFinal?: boolean;
}

export const bulkLabels: Record<BulkAction, BulkLabels> = {
  move: {
    option: "Move to a client",
    title: (assets, client) => `Move ${assets} to ${client}?`,
    text: "They stay there, whatever their groups say. You can undo it for a day.",
    confirm: "Move",
    intent: "bulk",
  },
  exempt: {
    option: "Needs no agent",
    title: (assets) => `Mark ${assets} as needing no agent?`,
    text: "They no longer count as a gap in what your RMM covers. “Needs an agent” takes it back.",
    confirm: "Mark",
    intent: "bulk",
  },
  unexempt: {
    option: "Needs an agent",
    title: (assets) => `Mark ${assets} as needing an agent?`,
    text: "They count as a gap in what your RMM covers until it knows them.",
    confirm: "Mark",
    intent: "bulk",
  },
  retire: {
    option: "Retire",
    title: (assets) => `Retire ${assets}?`,
    text: "They leave the list of current assets and keep their history. You can undo it for a day.",
    confirm: "Retire",
    intent: "bulk",
  },
  remove: {
    option: "Remove for good",
    title: (assets) => `Remove ${assets} for good?`,
    text: "They were added by hand and no RMM knows them. This cannot be undone.",
    confirm: "Remove",
    intent: "bulk",
    isFinal: true,
  },
  refresh: {
    option: "Refresh from Level",
    title: (assets) => `Read ${assets} from Level again?`,
    text: "Each is a run of its own, and shows what it changed.",
    confirm: "Refresh",
    intent: "bulk-refresh",
  },
};

/** Why an action leaves out `n` of the selected assets, as a sentence. */
export function leftOutText(reason: string, n: number): string {
  const assets = `${count(n, "asset")} ${n === 1 ? "is" : "are"} left out:`;
  switch (reason) {
    case "device":
      return `${assets} an RMM knows ${n === 1 ? "it" : "them"}.`;
    case "unlisted":
      return `${assets} no connected RMM lists ${n === 1 ? "it" : "them"}.`;
    default:
      return `${assets} nothing would change.`;
  }
}
