/** Gaps between what an RMM knows and what is kept here. */
export const coverageKinds = ["assets", "devices", "clients", "groups"] as const;
export type CoverageKind = (typeof coverageKinds)[number];
