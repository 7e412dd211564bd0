import type { FormProblem } from "~/platform/http/form.server";

/** The refusal in an action's result, if it is one. */
export const refusalIn = (answer: object | null | undefined): FormProblem | undefined =>
  answer !== null && answer !== undefined && "errors" in answer ? (answer as FormProblem) : undefined;
