import { HOUR_MS } from "@domain/durations";

import { snoozeChoices } from "./labels";

/**
 * Until when a form snoozes an incident.
 * @throws Response 400 for a time that is not offered
 */
export function snoozeUntil(form: FormData, now: Date): Date {
  const given = form.get("hours");
  const choice = snoozeChoices.find(([hours]) => String(hours) === given);
  if (choice === undefined) throw new Response("This form is not complete.", { status: 400 });
  return new Date(now.getTime() + choice[0] * HOUR_MS);
}
