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

/** Legal forms say nothing of who a company is: "Acme Ltd" and "ACME, Inc." are compared as "acme". */
const legalForms = new Set(
  "inc llc ltd limited corp corporation co company gmbh ag kg sa sarl bv nv plc pty oy ab as srl spa".split(
    " ",
  ),
);

/** Of the longer name, at least this share must agree: one letter in five may differ. */
const MIN_SIMILARITY = 0.8;
/** Below this length a similar name is a coincidence: "IT" and "HR" differ in two letters. */
const MIN_LENGTH = 4;

/**
 * For each group the client its name fits best. None when nothing is close, and none when two clients are equally
 * close: a guess between them would be right by luck.
 */
export function suggestClients(groups: Named[], clients: Named[]): Map<string, Suggestion> {
  const byWords = new Map<string, string | null>();
  const candidates: Candidate[] = [];
  for (const client of clients) {
    const words = wordsOf(client.name);
    if (words.length === 0) continue;
    const full = words.join(" ");
    byWords.set(full, byWords.has(full) ? null : client.id);
    const core = coreOf(words);
    if (core.length >= MIN_LENGTH) candidates.push({ id: client.id, core, letters: lettersOf(core) });
  }
  const suggestions = new Map<string, Suggestion>();
  for (const group of groups) {
    const words = wordsOf(group.name);
    const exact = byWords.get(words.join(" "));
    if (exact) suggestions.set(group.id, { clientId: exact, match: "exact" });
    if (exact !== undefined) continue;
    const core = coreOf(words);
    const similar = core.length < MIN_LENGTH ? null : closest(core, candidates);
    if (similar !== null) suggestions.set(group.id, { clientId: similar, match: "similar" });
  }
  return suggestions;
}

interface Candidate {
  id: string;
  core: string;
  letters: number;
}

function closest(core: string, candidates: Candidate[]): string | null {
  const letters = lettersOf(core);
  let best: { id: string; similarity: number } | null = null;
  let isTied = false;
  for (const candidate of candidates) {
    const length = Math.max(core.length, candidate.core.length);
    const allowed = Math.floor(length * (1 - MIN_SIMILARITY) + 1e-9);
    // Both bounds are below the true distance and cost nanoseconds: 2,000 groups by 2,000 clients are 4 million pairs.
    if (Math.abs(core.length - candidate.core.length) > allowed) continue;
    if (bitCount(letters & ~candidate.letters) > allowed || bitCount(candidate.letters & ~letters) > allowed)
      continue;
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

/** Which letters and digits occur, as 31 bits; other scripts share bits, which only weakens the bound. */
function lettersOf(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits |= 1 << (text.charCodeAt(i) % 31);
  return bits;
}

function bitCount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return (((n + (n >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
