/** A tenant's own values by flag, which override the environment's. */
export type FlagOverrides = Readonly<Record<string, boolean>>;

/** The flags that are on for a tenant: the environment's, unless the tenant has a value of its own. */
export function effectiveFlags(
  environment: ReadonlySet<string>,
  overrides: FlagOverrides,
): ReadonlySet<string> {
  const on = new Set([...environment].filter((flag) => overrides[flag] !== false));
  for (const [flag, isOn] of Object.entries(overrides)) if (isOn) on.add(flag);
  return on;
}
