/** Stands in for a name that the provider did not give. */
export const UNNAMED_ALERT = "Unnamed alert";
