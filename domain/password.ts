const MIN_PASSWORD_LENGTH = 10;
/** Characters; longer passwords only cost time: a request may not make the server hash a megabyte. */
export const MAX_PASSWORD_LENGTH = 200;

/** The error of a new password, as a sentence, or null. */
export function passwordProblem(password: string, about: { email: string }): string | null {
  if (password.length < MIN_PASSWORD_LENGTH) return `Use at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (password.length > MAX_PASSWORD_LENGTH) return `Use at most ${MAX_PASSWORD_LENGTH} characters.`;
  if (new Set(password).size < 4) return "Use more different characters.";
  const lower = password.toLowerCase();
  const mailbox = about.email.toLowerCase().split("@")[0] ?? "";
  if (
    lower === about.email.toLowerCase() ||
    (mailbox.length > 3 && lower.startsWith(mailbox) && lower.length < mailbox.length + 5)
  ) {
    return "Do not use your e-mail address as a password.";
  }
  if (/^(password|passwort|letmein|welcome|qwerty|123456)/.test(lower) && password.length < 16) {
    return "This password is among the first that are guessed.";
  }
  return null;
}
