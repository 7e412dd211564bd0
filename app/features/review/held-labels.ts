import { count } from "@domain/format";
import type { HeldKind, HeldSum } from "@domain/sync-words";
import { skipReasonLabels } from "~/ui/skip-reasons";

export const kindLabels: Record<HeldKind, { one: string; many: string }> = {
  removal: { one: "Removal", many: "Removals" },
  move: { one: "Move", many: "Moves" },
  rename: { one: "Rename", many: "Renames" },
};

/** The effect of approving changes, a sentence for each kind. */
export function approvalTexts({ removal, move, rename, losesClient }: HeldSum): string[] {
  const texts: string[] = [];
  if (removal > 0)
    texts.push(
      `${count(removal, "device is", "devices are")} marked as gone, and with ${removal === 1 ? "it" : "them"} the assets that no other device stands for.`,
    );
  if (move > losesClient)
    texts.push(
      `${count(move - losesClient, "asset goes", "assets go")} to the client that Level's groups lead to.`,
    );
  if (losesClient > 0) texts.push(`${count(losesClient, "asset loses its", "assets lose their")} client.`);
  if (rename > 0) texts.push(`${count(rename, "asset takes", "assets take")} the new name.`);
  return texts;
}

/** The effect of rejecting changes, a sentence for each kind. */
export function rejectionTexts({ removal, move, rename }: HeldSum): string[] {
  const texts: string[] = [];
  if (removal > 0)
    texts.push(
      `${count(removal, "device stays as it is: a sync that misses it", "devices stay as they are: a sync that misses them")} again leaves ${removal === 1 ? "it" : "them"} alone, until one lists ${removal === 1 ? "it" : "them"}.`,
    );
  if (move > 0)
    texts.push(
      `${count(move, "asset keeps its", "assets keep their")} client: a person holds the field from now on.`,
    );
  if (rename > 0)
    texts.push(
      `${count(rename, "asset keeps its", "assets keep their")} name: a person holds the field from now on.`,
    );
  return texts;
}

/** Why a change is held. */
export function heldReasonText({ kind, reason }: { kind: HeldKind; reason: string | null }): string {
  switch (kind) {
    case "removal":
      return reason ?? "Surprisingly many devices were missing at once";
    case "rename":
      return "Surprisingly many were renamed at once";
    case "move": {
      const many = "Surprisingly many were moved at once";
      const word =
        reason !== null && reason in skipReasonLabels
          ? skipReasonLabels[reason as keyof typeof skipReasonLabels].text
          : null;
      return word === null ? many : `${many}. ${word}`;
    }
  }
}

/** Why nothing was decided on these devices; undefined if there are none. */
export const unreadableText = (names: readonly string[]): string | undefined =>
  names.length === 0
    ? undefined
    : `The stored record of ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""} is incomplete, so nothing was decided on ${names.length === 1 ? "it: it waits" : "them: they wait"} for the next change in Level.`;
