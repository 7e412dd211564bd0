import { onOneLine, textLimits } from "./text";

/** Characters; as long as a group's name, because any group of the RMM may become a client with its name. */
export const maxClientName = textLimits.name;

/** A client's name in stored form, whether from a person, a file or a group. */
export const cleanClientName = onOneLine;
