import { onOneLine, textLimits } from "./text";

/** Any group of the RMM may become a client of its name: a client's may be as long as a group's. */
export const maxClientName = textLimits.name;

/** A client's name as it is stored, whether a person, a file or a group gave it. */
export const cleanClientName = onOneLine;
