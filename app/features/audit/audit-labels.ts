/** `client.renamed` → "Client renamed": an action as people read it. */
export function actionText(action: string): string {
  const [thing = "", verb = ""] = action.split(".", 2);
  const text = `${thing} ${verb}`.replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `sessionsEnded` → "sessions ended" */
export const detailName = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
