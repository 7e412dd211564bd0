import { distance } from "fastest-levenshtein";

/** Which client a group's name may mean. A suggestion is only ever offered: a person accepts it. */

export interface Suggestion {
  clientId: string;
  /** `exact`: the same name but for case, accents and punctuation. `similar`: close to it. */
  match: "exact" | "similar";
}

interface Named {
  id: string;
  name: string;
}

/**
 * Work per call, about 10 ms. Comparing the letters of two names costs 1, a distance 8. If names are so similar that
 * this is not enough ("Customer AAAA", "Customer AAAB", …), later groups get no suggestion.
 */
const MAX_WORK = 100_000;
const COST_OF_DISTANCE = 8;

/** Legal forms do not identify a company: "Acme Ltd" and "ACME, Inc." are compared as "acme". */
const legalForms = new Set(
  "inc llc ltd limited corp corporation co company gmbh ag kg sa sarl bv nv plc pty oy ab as srl spa".split(
    " ",
  ),
);

/** Share of the longer name that must agree: one letter in five may differ. */
const MIN_SIMILARITY = 0.8;
/** Below this length a similar name is a coincidence: "IT" and "HR" differ in two letters. */
const MIN_LENGTH = 4;

/**
 * The client whose name fits best, for each group. None if nothing is close, and none if two clients are equally close:
 * a choice between them would be luck. Numbers count whole: "Acme 1" is not "Acme 15".
 */
export function suggestClients(groups: Named[], clients: Named[]): Map<string, Suggestion> {
  const byWords = new Map<string, string | null>();
  /** By the numbers in their names: only clients with the same numbers are compared. */
  const candidates = new Map<string, Candidate[]>();
  for (const client of clients) {
    const words = wordsOf(client.name);
    if (words.length === 0) continue;
    const full = words.join(" ");
    byWords.set(full, byWords.has(full) ? null : client.id);
    const core = coreOf(words);
    if (core.length >= MIN_LENGTH) {
      const numbers = numbersOf(core);
      const alike = candidates.get(numbers) ?? [];
      if (alike.length === 0) candidates.set(numbers, alike);
      alike.push({ id: client.id, core, ...lettersOf(core) });
    }
  }
  const budget = { left: MAX_WORK };
  const suggestions = new Map<string, Suggestion>();
  for (const group of groups) {
    const words = wordsOf(group.name);
    const exact = byWords.get(words.join(" "));
    if (exact) suggestions.set(group.id, { clientId: exact, match: "exact" });
    if (exact !== undefined) continue;
    const core = coreOf(words);
    const similar =
      core.length < MIN_LENGTH ? null : closest(core, candidates.get(numbersOf(core)) ?? [], budget);
    if (similar !== null) suggestions.set(group.id, { clientId: similar, match: "similar" });
  }
  return suggestions;
}

/** Which letters a name has, and how often: a bound on the distance that costs nanoseconds. */
interface Letters {
  /** One bit for each of 31 classes of letters and digits; other scripts share them, which only weakens the bound. */
  mask: number;
  counts: Uint8Array;
}

interface Candidate extends Letters {
  id: string;
  core: string;
}

function closest(core: string, candidates: Candidate[], budget: { left: number }): string | null {
  const letters = lettersOf(core);
  let best: { id: string; similarity: number } | null = null;
  let isTied = false;
  for (const candidate of candidates) {
    const length = Math.max(core.length, candidate.core.length);
    const allowed = Math.floor(length * (1 - MIN_SIMILARITY) + 1e-9);
    if (Math.abs(core.length - candidate.core.length) > allowed) continue;
    if (bitCount(letters.mask & ~candidate.mask) > allowed) continue;
    if (budget.left <= 0) return null;
    budget.left -= 1;
    if (lettersDiffer(letters, candidate, allowed)) continue;
    budget.left -= COST_OF_DISTANCE;
    const away = distance(core, candidate.core);
    if (away > allowed) continue;
    const similarity = 1 - away / length;
    if (best === null || similarity > best.similarity) {
      best = { id: candidate.id, similarity };
      isTied = false;
    } else if (similarity === best.similarity) isTied = true;
  }
  return best === null || isTied ? null : best.id;
}

const CLASSES = 31;

function lettersOf(text: string): Letters {
  const counts = new Uint8Array(CLASSES);
  let mask = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i) % CLASSES;
    counts[letter]!++;
    mask |= 1 << letter;
  }
  return { mask, counts };
}

/** Whether more than `allowed` letters of one are missing in the other: then that many edits are not enough. */
function lettersDiffer(a: Letters, b: Letters, allowed: number): boolean {
  let missing = 0;
  let surplus = 0;
  for (let i = 0; i < CLASSES; i++) {
    const more = a.counts[i]! - b.counts[i]!;
    if (more > 0) missing += more;
    else surplus -= more;
  }
  return missing > allowed || surplus > allowed;
}

function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

const numbersOf = (core: string): string => (core.match(/\p{Number}+/gu) ?? []).join(" ");

const wordsOf = (name: string): string[] =>
  name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll("&", " and ")
    .replace(/['’.]/g, "")
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter((word) => word !== "");

/** Without legal forms, unless the name is nothing else. */
function coreOf(words: string[]): string {
  const core = words.filter((word) => !legalForms.has(word));
  return (core.length > 0 ? core : words).join(" ");
}
