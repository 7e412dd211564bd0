import { onOneLine, textLimits } from "./text";

/** A client's name may be as long as a group's, because any group of the RMM may become a client with its name. */
export const maxClientName = textLimits.name;

/** A client's name as it is stored, whether a person, a file or a group gave it. */
export const cleanClientName = onOneLine;
