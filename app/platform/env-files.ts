import { readFileSync } from "node:fs";

/**
 * Reads variables whose value is in a file: `NAME_FILE` names the file, as Docker provides secrets. Sets each variable
 * in `env` itself, because the Inngest SDK looks for its keys there.
 * @returns the errors, a sentence for each variable; no sentence contains a value
 */
export function takeFiles(env: Record<string, string | undefined>, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) return [];
    try {
      const value = readFileSync(file, "utf8").trim();
      if (value === "") return [`${name}_FILE names ${file}, which is empty.`];
      // If the environment is read again, the variable already has the file's value.
      if (env[name]?.trim() && env[name]?.trim() !== value)
        return [`${name} and ${name}_FILE are both set: unset one of them.`];
      env[name] = value;
      return [];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return [`${name}_FILE names ${file}, which cannot be read (${code}).`];
    }
  });
}
