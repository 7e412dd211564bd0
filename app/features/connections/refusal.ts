/** What a form gets back when it was refused: see `~/web/form.server`. */
export interface Refusal {
  errors: Partial<Record<string, string>>;
  values: Record<string, string>;
}

/** The refusal in an action's answer, if it is one. */
export const refusalIn = (answer: object | null | undefined): Refusal | undefined =>
  answer !== null && answer !== undefined && "errors" in answer ? (answer as Refusal) : undefined;
