import type { AlertConditions } from "@domain/alert-conditions";
import { alertSeverities } from "@domain/alert-words";
import { count } from "@domain/format";
import { platformLabels, severityLabels } from "~/ui/labels";

export const platformNames = ["windows", "macos", "linux", "other"] as const;

/** Conditions as a short text. Names a value only if it is the only one of its kind. */
export function conditionsText(
  conditions: AlertConditions,
  names: {
    clients: ReadonlyMap<string, string>;
    groups: ReadonlyMap<string, string>;
    assets: ReadonlyMap<string, string>;
  },
): string {
  const oneOf = (ids: readonly string[], known: ReadonlyMap<string, string>, noun: string) =>
    ids.length === 0
      ? []
      : ids.length === 1
        ? [known.get(ids[0]!) ?? `an unknown ${noun}`]
        : [count(ids.length, noun)];
  const parts = [
    ...oneOf(conditions.clientIds, names.clients, "client"),
    ...oneOf(conditions.groupIds, names.groups, "group"),
    ...oneOf(conditions.assetIds, names.assets, "device"),
    ...(conditions.tags.length === 0 ? [] : [`tag ${conditions.tags.join(" or ")}`]),
    ...(conditions.assetTypes.length === 0 ? [] : [conditions.assetTypes.join(" or ")]),
    ...(conditions.platforms.length === 0
      ? []
      : [
          platformNames
            .filter((one) => conditions.platforms.includes(one))
            .map((one) => platformLabels[one])
            .join(" or "),
        ]),
    ...(conditions.severities.length === 0
      ? []
      : [
          alertSeverities
            .filter((one) => conditions.severities.includes(one))
            .map((one) => severityLabels[one].text)
            .join(" or "),
        ]),
    ...(conditions.name === "" ? [] : [`alerts named “${conditions.name}”`]),
  ];
  return parts.length === 0 ? "Every alert" : parts.join(" · ");
}
